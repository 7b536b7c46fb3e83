/**
 * `hardkey audit verify`.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { type AuditHead, verifyAudit } from 'hardkey/audit';
import { readSmall } from '../../files.ts';
import { argument } from '../../given.ts';
import { streamContent, textOf } from '../../input.ts';
import { fields, json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, { output }) => {
  const path = given.text('head');
  const kept = path === undefined ? undefined : await readHead(path);
  const head = await verifyAudit(streamContent(argument(given)), kept === undefined ? {} : { head: kept });
  await output.write(given.has('json') ? json(head) : text(head, kept));
  return 0;
};

function text({ sequence, hash }: AuditHead, kept: AuditHead | undefined): string {
  return fields([
    ['verified', `${sequence} records`],
    ['head', hash],
    ['kept head', kept && `record ${kept.sequence} is the one it names`],
  ]);
}

async function readHead(path: string): Promise<AuditHead> {
  const value = parse(textOf(await readSmall(path), 'head'));
  if (isHead(value)) return value;
  throw new Failure('MALFORMED', 'a head is JSON with sequence and hash, and nothing else', {
    field: 'head',
    path,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text.
    return undefined;
  }
}

function isHead(value: unknown): value is AuditHead {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  if (!('sequence' in value && 'hash' in value)) return false;
  const { sequence, hash } = value;
  const isHash = typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
  return Number.isSafeInteger(sequence) && Number(sequence) >= 0 && isHash;
}
