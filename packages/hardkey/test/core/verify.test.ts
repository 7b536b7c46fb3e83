import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { importPublicKey, verify } from 'hardkey';
import { utf8 } from '../../src/encoding/bytes.ts';
import { failsWith } from '../support/failures.ts';

const MESSAGE = utf8('a message');
const PAIRS = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const;

for (const [name, generate] of Object.entries(PAIRS)) {
  test(`${name}: writing over the bytes a key was imported from changes nothing`, async () => {
    const { privateKey, publicKey } = generate();
    const hash = name === 'Ed25519' ? null : 'sha256';
    const signature = sign(hash, MESSAGE, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
    const untouched = await importPublicKey(Uint8Array.from(spki));
    for (const form of [spki, Uint8Array.from(untouched.toCoseKey())]) {
      const importing = importPublicKey(form);
      // Neither while the key is being imported, nor afterwards.
      form.fill(0xff);
      const key = await importing;
      form.fill(0);
      assert.deepEqual(
        [key.spki, key.toRaw(), key.id, key.toPem()],
        [untouched.spki, untouched.toRaw(), untouched.id, untouched.toPem()],
      );
      await verify(key, name as keyof typeof PAIRS, MESSAGE, Uint8Array.from(signature));
    }
  });
}

test('a signature of another length, another message or another key is VERIFICATION_FAILED', async () => {
  const [{ privateKey, publicKey }, other] = [PAIRS.Ed25519(), PAIRS.Ed25519()];
  const key = await importPublicKey(Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })));
  const stranger = await importPublicKey(
    Uint8Array.from(other.publicKey.export({ type: 'spki', format: 'der' })),
  );
  const signature = Uint8Array.from(sign(null, MESSAGE, privateKey));
  await verify(key, 'Ed25519', MESSAGE, signature);
  const refused = failsWith('VERIFICATION_FAILED', { algorithm: 'Ed25519', check: 'signature' });
  await assert.rejects(verify(stranger, 'Ed25519', MESSAGE, signature), refused);
  await assert.rejects(verify(key, 'Ed25519', utf8('another'), signature), refused);
  await assert.rejects(verify(key, 'Ed25519', MESSAGE, signature.subarray(1)), refused);
  await assert.rejects(verify(key, 'Ed25519', MESSAGE, new Uint8Array()), refused);
  await assert.rejects(verify(key, 'ES256', MESSAGE, signature), failsWith('ARGUMENT_INVALID'));
});

test('a signature is left as it was, also in a Buffer, whose slices are views', async () => {
  const { privateKey, publicKey } = PAIRS.Ed25519();
  const key = await importPublicKey(Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })));
  // Both signs of the point R come up among these.
  for (let at = 0; at < 32; at++) {
    const message = Uint8Array.of(at);
    const signature = sign(null, message, privateKey);
    const before = Uint8Array.from(signature);
    await verify(key, 'Ed25519', message, signature);
    assert.deepEqual(Uint8Array.from(signature), before);
  }
});
