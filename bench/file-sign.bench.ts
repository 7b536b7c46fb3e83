/**
 * Signing with a key of the file store, with and without verification before release, against
 * node:crypto with the same key.
 *
 * @module
 */
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeys, type Key, type SignatureAlgorithm } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { exportPrivateKey } from 'hardkey/unsafe';
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(300).fill(7);

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  return [await of('ES256'), await of('Ed25519')];
}

async function of(algorithm: SignatureAlgorithm): Promise<Question> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-bench-'));
  const store = join(folder, 'keys');
  const keys = createKeys([file({ store, unencrypted: true })]);
  const trusting = createKeys([file({ store, unencrypted: true })], { releaseUnverified: true });
  const key = await keys.create('file:key', { algorithm });
  const signer = key.use(algorithm);
  const unverified = (await trusting.open('file:key')).use(algorithm);
  const hash = algorithm === 'ES256' ? 'sha256' : null;
  const privateKey = await nativeKey(key);
  return {
    name: `sign with a file key, ${algorithm}`,
    baseline: 'node:crypto sign',
    candidates: [
      { name: 'node:crypto sign', run: () => sign(hash, MESSAGE, privateKey) },
      { name: 'released unverified', run: () => unverified.sign(MESSAGE) },
      { name: 'verified before release', run: () => signer.sign(MESSAGE) },
    ],
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function nativeKey(key: Key) {
  using secret = await exportPrivateKey(key);
  return secret.use((bytes) => createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' }));
}
