// Where gRPC finds the authorities it trusts, which it reads once: so this is imported before it is loaded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder of this file of tests alone. */
export const FOLDER: string = mkdtempSync(join(tmpdir(), 'hk-gcp-'));
const ROOTS = join(FOLDER, 'roots.pem');
process.env['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'] = ROOTS;
after(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Trusts an authority. */
export function trust(certificate: string): void {
  writeFileSync(ROOTS, certificate);
}
