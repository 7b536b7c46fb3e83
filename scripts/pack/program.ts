// A program that uses what hardkey publishes: every import path, keys in memory and in a folder, and a
// credential from identity to text and back. It runs wherever hardkey is installed, on every Node that
// hardkey supports, so it is written for the oldest.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeys, createTrust, type Failure, type KeyProvider, Secret, verify } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { file } from 'hardkey/providers/file';
import { memory } from 'hardkey/providers/memory';

const text = (value: string) => new TextEncoder().encode(value);
const failsWith =
  (code: Failure['code']) =>
  (error: Error): boolean =>
    'code' in error && error.code === code;

/** Signs and encrypts with keys of a provider, and makes a credential that is both signed and encrypted. */
async function use(provider: KeyProvider): Promise<void> {
  const keys = createKeys([provider]);
  try {
    const [scheme = ''] = provider.schemes;
    const message = text('a message');
    for (const algorithm of ['Ed25519', 'ES256'] as const) {
      const signer = (await keys.create(`${scheme}:${algorithm}`, { algorithm })).use(algorithm);
      const signature = await signer.sign(message);
      await verify(signer.publicKey, algorithm, message, signature);
      const forged = verify(signer.publicKey, algorithm, text('another'), signature);
      await assert.rejects(forged, failsWith('VERIFICATION_FAILED'));
    }

    const aead = (await keys.create(`${scheme}:content`, { algorithm: 'A256GCM' })).use('A256GCM');
    const sealed = await aead.encrypt(message, text('bound'));
    assert.deepEqual(await aead.decrypt(sealed, text('bound')), message);
    await assert.rejects(aead.decrypt(sealed, text('other')), failsWith('DECRYPTION_FAILED'));

    const signer = (await keys.open(`${scheme}:ES256`)).use('ES256');
    const identity = { id: '1', fullName: 'Ada' };
    const meta = { issuer: 'https://issuer.example', expiresAt: Math.floor(Date.now() / 1000) + 3600 };
    const encoded = await encode(identity, meta, { signer, encryptTo: aead });
    const trust = await createTrust(signer.publicKey);
    const decoded = await decode(encoded.text, { trust, decryptWith: aead });
    assert.deepEqual([decoded.identity, decoded.meta, decoded.isVerified()], [identity, meta, true]);
    const stranger = await createTrust(
      (await keys.open(`${scheme}:Ed25519`)).publicKey?.toJwk() ?? assert.fail(),
    );
    const untrusted = decode(encoded.text, { trust: stranger, decryptWith: aead });
    await assert.rejects(untrusted, failsWith('VERIFICATION_FAILED'));
  } finally {
    await keys.close();
  }
}

const { exports } = createRequire(import.meta.url)('hardkey/package.json') as {
  readonly exports: Readonly<Record<string, unknown>>;
};
const paths = Object.keys(exports).filter((path) => path !== './package.json');
for (const path of paths) {
  const module = (await import(`hardkey${path.slice(1)}`)) as object;
  assert.ok(Object.keys(module).length > 0, path);
}

await use(memory());
const folder = mkdtempSync(join(tmpdir(), 'hardkey-program-'));
try {
  const passphrase = async () => new Secret(text('a passphrase'));
  await use(file({ store: join(folder, 'keys'), passphrase }));
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${paths.length} import paths, keys and credentials work on Node ${process.version}`);
