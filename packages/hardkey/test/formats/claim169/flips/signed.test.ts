// Every bit of a COSE_Sign1, for every algorithm: what the signature covers cannot be changed, and what
// it does not cover changes nothing but itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type SignatureAlgorithm, type Signer } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { decodeSign1, signSign1 } from 'hardkey/formats/cose';
import { algorithms } from '../../../../src/core/algorithms.ts';
import { utf8 } from '../../../../src/encoding/bytes.ts';
import type { CborValue } from '../../../../src/encoding/cbor/index.ts';
import { encodePayload } from '../../../../src/formats/claim169/claims.ts';
import { coveredBytes } from '../../cose/support.ts';
import { AT, coseOf, issuerFor, META, textOf } from '../support.ts';
import { everyBit, flip, rangeOf, reported } from './support.ts';

const IDENTITY = { id: 'ID-1', fullName: 'Ada Example', dateOfBirth: '19840418' };
const PAYLOAD = encodePayload(IDENTITY, META).bytes;
/** All that COSE has. */
const SIGNATURES = algorithms.filter(({ operation, cose }) => operation === 'sign' && cose !== undefined);
const QUICK: readonly SignatureAlgorithm[] = ['Ed25519', 'ES256', 'ES256K'];

/**
 * Of what is long or slow to verify one bit of each byte after the protected header, unless all are
 * asked for. Of ML-DSA, whose signatures have thousands, every fourth byte: they are all in
 * `cose/flips.test.ts`.
 */
function sampled(algorithm: SignatureAlgorithm, cose: Uint8Array) {
  const isLong = algorithm.startsWith('ML-DSA');
  const all = QUICK.includes(algorithm) || (everyBit && !isLong);
  const [, end] = rangeOf(decodeSign1(cose).headers.protectedBytes, cose);
  return (byte: number, bit: number) =>
    all || byte < end || (isLong ? byte % 4 === 0 && bit === (byte / 4) % 8 : bit === byte % 8);
}

for (const { name } of SIGNATURES) {
  const algorithm = name as SignatureAlgorithm;
  test(`no bit of a credential signed by ${algorithm} may change`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    // Not by `encode`: two of ML-DSA's sizes are too large for any QR code.
    const bytes = await signSign1(PAYLOAD, { signer });
    const { codes, unrefused } = await flip({
      bytes,
      decode: (changed) => decode(textOf(changed), { trust, at: AT }),
      covered: coveredBytes(bytes),
      which: sampled(algorithm, bytes),
    });
    assert.deepEqual(unrefused, []);
    // A changed alg is one that is not known, or none of this key.
    assert.deepEqual(codes, new Set(['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED']));
  });
}

test('in the open header a change is refused, or every parameter that may have been changed is reported', async (t) => {
  const { signer, trust } = await issuerFor(t);
  const unprotectedHeaders = new Map<CborValue, CborValue>([
    [3, 'text/plain'],
    [4, utf8(signer.publicKey.id)],
    [300, [1, 2]],
    ['note', 'a'],
  ]);
  const bytes = await signSign1(PAYLOAD, { signer, keyId: null, unprotectedHeaders });
  const { unrefused } = await flip({
    bytes,
    decode: (changed) => decode(textOf(changed), { trust, at: AT, strict: true }),
    covered: coveredBytes(bytes),
  });
  assert.ok(unrefused.length > 50, `${unrefused.length}`);
  for (const { bit, decoded } of unrefused) assert.equal(reported(decoded), 4, `bit ${bit}`);
});

test('the kid that the profile mosip writes unprotected is reported, whatever it is changed to', async (t) => {
  const { signer } = await issuerFor(t);
  const trusts = [
    await createTrust(signer.publicKey),
    await createTrust({ keys: [jwkOf(signer, 'k-1101')] }),
  ];
  const { text } = await encode(IDENTITY, META, { signer, profile: 'mosip', keyId: 'k-1101' });
  const bytes = await coseOf(text);
  const tag = 2;
  const covered = new Set([...coveredBytes(bytes.subarray(tag))].map((at) => at + tag));
  const found = await Promise.all(
    trusts.map((trust) =>
      flip({
        bytes,
        decode: (changed) => decode(textOf(changed), { trust, at: AT, profile: 'mosip' }),
        covered,
      }),
    ),
  );
  for (const { decoded, bit } of found.flatMap(({ unrefused }) => unrefused)) {
    assert.equal(reported(decoded), 1, `bit ${bit}`);
  }
  // A key that the trust has no name for may be called anything; one with a name only by that, or not at all.
  const [nameless = 0, named = 0] = found.map(({ unrefused }) => unrefused.length);
  assert.ok(nameless >= 8 * 'k-1101'.length && named <= 8, `${nameless}, ${named}`);
});

function jwkOf({ publicKey }: Signer, kid: string) {
  return { ...publicKey.toJwk(), kid };
}
