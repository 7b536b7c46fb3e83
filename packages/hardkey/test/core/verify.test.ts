import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { importPublicKey, verify } from 'hardkey';
import { component } from '../../../../scripts/components/index.ts';
import { vectors } from '../../../../scripts/components/vectors.ts';
import { utf8 } from '../../src/encoding/bytes.ts';
import { failsWith } from '../support/failures.ts';
import { type Judged, judgeAll } from './verdicts.ts';

const [wycheproof, ed25519] = [vectors('wycheproof'), vectors('ed25519')];
const skip = wycheproof.missing ?? ed25519.missing ?? false;
const node22 = component('node-22');
const judged: readonly Judged[] = skip ? [] : await judgeAll(wycheproof.path, ed25519.path);

/** How many signatures a file holds, and how many of them are good. */
const SIZES = {
  ecdsa_secp256r1_sha256_p1363: [262, 173],
  ecdsa_secp256r1_sha256: [484, 174],
  ed25519: [151, 88],
} as const;

for (const [file, [total, good]] of Object.entries(SIZES)) {
  test(`every verdict of Wycheproof ${file}, by node:crypto and by WebCrypto`, { skip }, () => {
    const found = judged.filter(({ name }) => name.startsWith(`${file} `));
    assert.equal(found.length, total);
    assert.equal(found.filter(({ valid }) => valid).length, good);
    for (const { name, valid, verdict } of found) {
      // DER that is none is MALFORMED before there is a signature to verify.
      const refused = verdict.every((one) => one === false || one === 'MALFORMED');
      if (valid) assert.deepEqual(verdict, [true, true], name);
      else assert.ok(refused, `${name}: ${verdict.join()}`);
    }
  });
}

/** What becomes of each case, by its number in the paper, and why. */
const EDGE_CASES = [
  ['MALFORMED', 'the key has small order'],
  ['MALFORMED', 'the key has small order'],
  [false, 'R has small order'],
  [true, 'key and R are of mixed order, and the equation holds as it stands'],
  [false, 'the equation holds only when multiplied by the cofactor'],
  [false, 'the equation holds only when multiplied by the cofactor'],
  [false, 'S is not below the order'],
  [false, 'S is not below the order'],
  [false, 'R is not canonical'],
  [false, 'R is not canonical'],
  ['MALFORMED', 'the key is the identity'],
] as const;

test('the edge cases of Ed25519 get one verdict', { skip }, () => {
  const found = judged.filter(({ name }) => name.startsWith('edge case '));
  assert.deepEqual(
    found.map(({ verdict }) => verdict),
    EDGE_CASES.map(([verdict]) => [verdict, verdict]),
  );
});

test('the oldest Node that is supported says the same of all of them', {
  skip: skip || (node22.missing ?? false),
}, () => {
  const script = join(import.meta.dirname, 'verdicts.ts');
  const args = ['--conditions=@hk/source', '--no-warnings', script, wycheproof.path, ed25519.path];
  const { status, stdout, stderr } = spawnSync(node22.path, args, { encoding: 'utf8', maxBuffer: 2 ** 24 });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), judged);
});

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
