import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createKeys, type KeyInfo, type Keys } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { secretBytes } from 'hardkey/secrets';
import { CompactEncrypt } from 'jose';
import { decryptJwk } from '../../../src/providers/file/encrypted-jwk.ts';
import { EMPTY, encodeIndex } from '../../../src/providers/file/index-file.ts';
import { collected } from '../../support/collected.ts';
import { PATIENT } from './operations.ts';

/** Memory, where the system offers it as a folder: killing a process does not need a disk. */
export const MEMORY: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder that ends with the test. */
export function scratch(t: TestContext, parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'hardkey-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'keys');
}

/** A source of a passphrase. */
export function passphrase(text: string) {
  return secretBytes(new TextEncoder().encode(text));
}

/** The keys of a store without a passphrase: no time is spent on deriving. */
export function openKeys(store: string): Keys {
  return createKeys([file({ store, unencrypted: true })], PATIENT);
}

/** The keys of a store with a passphrase. */
export function lockedKeys(store: string, text: string): Keys {
  return createKeys([file({ store, passphrase: passphrase(text) })], PATIENT);
}

/** The keys of every version. */
export function listed(keys: Keys): Promise<readonly KeyInfo[]> {
  return collected(keys.list());
}

/** What the files of a store hold. */
export function filesOf(store: string): ReadonlyMap<string, string> {
  const names = readdirSync(store).sort();
  return new Map(names.map((name) => [name, readFileSync(join(store, name), 'latin1')]));
}

/** The one file of a store whose name matches. */
export function fileLike(store: string, pattern: RegExp): string {
  const [name, ...others] = readdirSync(store).filter((one) => pattern.test(one));
  if (name === undefined || others.length > 0) throw new Error(`not one file is like ${pattern}`);
  return join(store, name);
}

/**
 * Makes a store whose passphrase is tried in a moment, as another implementation writes it: few rounds
 * for the record key, scrypt for private halves. For tests that open a store hundreds of times.
 */
export async function quickStore(store: string, text: string): Promise<void> {
  const recordKey = crypto.getRandomValues(new Uint8Array(32));
  const jwk = { kid: 'record-key', k: Buffer.from(recordKey).toString('base64url') };
  const jwe = await quickJwe(jwk, text);
  const content = { hardkey: 1, protection: 'passphrase', derivation: 'scrypt', recordKey: jwe };
  mkdirSync(store, { mode: 0o700 });
  writeFileSync(join(store, 'index.json'), encodeIndex(EMPTY, recordKey), { mode: 0o600 });
  writeFileSync(join(store, 'store.json'), JSON.stringify(content), { mode: 0o600 });
}

/** Replaces the private half of a symmetric key by one that opens in a moment. */
export async function quickHalf(path: string, text: string): Promise<void> {
  const jwk = await decryptJwk(readFileSync(path), Buffer.from(text));
  writeFileSync(path, await quickJwe(jwk, text));
}

/** A symmetric key as another implementation encrypts it. */
export async function quickJwe(jwk: object, text: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify({ kty: 'oct', ...jwk })))
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', cty: 'jwk+json' })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(Buffer.from(text));
}
