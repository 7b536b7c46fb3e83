// An emulator that asks for TLS, and the authority behind it. gRPC reads the authorities it trusts once, also
// to serve: so this is imported first, and the emulator runs in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { addRing } from './gcp.ts';

/** A folder of this file of tests alone. */
export const FOLDER: string = mkdtempSync(join(tmpdir(), 'hk-gcp-'));
const ROOTS = join(FOLDER, 'roots.pem');
process.env['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'] = ROOTS;

const children: ChildProcess[] = [];

after(() => {
  for (const child of children) child.kill();
  rmSync(FOLDER, { recursive: true, force: true });
});

/** Where an emulator listens. */
export interface Elsewhere {
  readonly port: number;
  readonly url: string;
  readonly ca: string;
}

const PROGRAM = `
  import { startGcpKms } from '@hardkey/emulators';
  const { port, url, ca } = await startGcpKms({ tls: true });
  console.log(JSON.stringify({ port, url, ca }));`;

/** Starts one, with the key ring of the tests. */
export async function startElsewhere(): Promise<Elsewhere> {
  const { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: _, ...env } = process.env;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', PROGRAM];
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const place = JSON.parse(line.toString()) as Elsewhere;
  await addRing(place);
  return place;
}

/** Trusts an authority, for what is connected from now on. */
export function trust(certificate: string): void {
  writeFileSync(ROOTS, certificate);
}
