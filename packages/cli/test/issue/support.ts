// People to issue to, what a run leaves behind, and whether it is what it should be.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTrust, type PublicKey } from 'hardkey';
import { decode } from 'hardkey/formats/claim169';

export const ISSUER = 'https://id.example.org';

/** A line of NDJSON. */
export function person(n: number, more: object = {}): string {
  return JSON.stringify({ id: String(n), fullName: `Person ${n}`, ...more });
}

/** Lines 1 to `count`. */
export function people(count: number): string {
  return Array.from({ length: count }, (_, index) => `${person(index + 1)}\n`).join('');
}

/** The arguments of a run from `people.ndjson`, in this thread: threads have a test of their own. */
export function issueArgs(out: string, ...more: readonly string[]): readonly string[] {
  const given = ['--in', 'people.ndjson', '--out', out, '--key', 'issuer', '--issuer', ISSUER];
  return ['claim169', 'issue', ...given, '--compression', 'fast', '--concurrency', '1', ...more];
}

/** What was issued: line to the text of the credential. */
export type Texts = ReadonlyMap<number, string>;

/** The records of a manifest that are of a credential. */
export function manifestOf(path: string): readonly Recorded[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Partial<Recorded>)
    .flatMap(({ line, file = '', end = 0 }) => (line === undefined ? [] : [{ line, file, end }]));
}

interface Recorded {
  readonly line: number;
  readonly file: string;
  readonly end: number;
}

/** What is issued although the run was stopped: what has a line in the manifest. */
export function recordedIn(out: string): Texts {
  if (!isFile(out)) {
    const recorded = manifestOf(join(out, 'manifest'));
    return new Map(recorded.map(({ line, file }) => [line, readFileSync(join(out, file), 'utf8')]));
  }
  const recorded = manifestOf(`${out}.manifest`);
  const content = existsSync(out) ? readFileSync(out).subarray(0, recorded.at(-1)?.end ?? 0) : '';
  const texts = textsOfLines(out, String(content));
  assert.deepEqual(
    recorded.map(({ line }) => line),
    [...texts.keys()],
  );
  return texts;
}

function isFile(out: string): boolean {
  return /\.(ndjson|csv)$/.test(out);
}

/** The credentials of a run, each of which has one line in the manifest and one in the output. */
export function issuedIn(out: string): Texts {
  const manifest = manifestOf(isFile(out) ? `${out}.manifest` : join(out, 'manifest'));
  const texts = isFile(out) ? textsOfLines(out, readFileSync(out, 'utf8')) : textsOfFolder(out);
  assert.deepEqual(
    manifest.map(({ line }) => line).toSorted((a, b) => a - b),
    [...texts.keys()].toSorted((a, b) => a - b),
    'output and manifest have the same records',
  );
  return texts;
}

function textsOfFolder(folder: string): Texts {
  const names = readdirSync(folder).filter((name) => name !== 'manifest');
  for (const name of names) assert.match(name, /^\d{9}\.txt$/);
  return new Map(names.map((name) => [Number(name.slice(0, 9)), readFileSync(join(folder, name), 'utf8')]));
}

function textsOfLines(path: string, content: string): Texts {
  const lines = content.split('\n').slice(0, -1);
  if (path.endsWith('.csv') && lines.length > 0) assert.equal(lines.shift(), 'line,text,qrVersion');
  const rows = lines.map((line): [number, string] => {
    if (path.endsWith('.ndjson')) {
      const { line: number, text } = JSON.parse(line) as { line: number; text: string };
      return [number, text];
    }
    const [, number = '', text = ''] = /^(\d+),"([^"]+)",\d+$/.exec(line) ?? [];
    return [Number(number), text];
  });
  assert.equal(new Set(rows.map(([line]) => line)).size, rows.length, 'no line twice');
  return new Map(rows);
}

/** Asserts that each text is a genuine credential of the person of its line. */
export async function verifyAll(texts: Texts, publicKey: PublicKey): Promise<void> {
  const trust = await createTrust(publicKey);
  for (const [line, text] of texts) {
    const { identity, meta } = await decode(text, { trust });
    assert.equal(identity.id, String(line));
    assert.equal(meta.issuer, ISSUER);
  }
}
