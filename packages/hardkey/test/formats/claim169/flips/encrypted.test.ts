// Every bit of an encrypted credential, for every way to the content key: the ciphertext and what it
// covers cannot be changed, and a change of anything else is refused or reported.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decoded, decode, encode } from 'hardkey/formats/claim169';
import { decodeCose, encryptTo, type OpeningKey } from 'hardkey/formats/cose';
import type { CborValue } from '../../../../src/encoding/cbor/index.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { coveredBytes, serviceKey } from '../../cose/support.ts';
import { AT, coseOf, type Issuer, issuerFor, META, textOf } from '../support.ts';
import { everyBit, flip, rangeOf, reported } from './support.ts';

const IDENTITY = { id: 'ID-1', fullName: 'Ada' };
const REFUSALS = ['DECRYPTION_FAILED', 'MALFORMED', 'UNSUPPORTED'];

type Kind = 'encrypt0' | 'direct' | 'recipient' | 'service';

/** A way to the content key, and how many changes may be neither refused nor reported. */
const WAYS: readonly (readonly [Kind, Parameters<typeof freshKey>[1], object, number])[] = [
  ['encrypt0', 'A128GCM', {}, 0],
  ['encrypt0', 'A192GCM', {}, 0],
  ['encrypt0', 'A256GCM', {}, 0],
  ['encrypt0', 'ChaCha20-Poly1305', {}, 0],
  ['direct', 'A256GCM', {}, 0],
  ['direct', 'ChaCha20-Poly1305', {}, 0],
  ['recipient', 'A128KW', {}, 0],
  ['recipient', 'A192KW', {}, 0],
  ['recipient', 'A256KW', {}, 0],
  ['recipient', 'RSA-OAEP-256', { bits: 2048 }, 0],
  // The first bit of a number in X25519 says nothing (RFC 7748 §5).
  ['recipient', 'ECDH-ES+A128KW', { curve: 'X25519' }, 1],
  ['recipient', 'ECDH-ES+A128KW', { curve: 'P-256' }, 0],
  ['recipient', 'ECDH-ES+A192KW', { curve: 'P-256' }, 0],
  ['recipient', 'ECDH-ES+A256KW', { curve: 'P-256' }, 0],
  ['service', 'A256KW', {}, 0],
];

for (const [kind, algorithm, spec, silent] of WAYS) {
  const on = 'curve' in spec ? ` on ${spec.curve}` : '';
  test(`no bit of a credential encrypted by ${algorithm}${on} (${kind}) changes unnoticed`, async (t) => {
    const issuer = await issuerFor(t);
    const fresh = await freshKey(t, algorithm, spec);
    const key = (kind === 'service' ? serviceKey(fresh as never) : fresh) as OpeningKey;
    const bytes = await sealed(kind, key, issuer);
    const { codes, unrefused } = await flip({
      bytes,
      decode: (changed) => opened(changed, key, issuer),
      covered: coveredBytes(bytes),
      which: sampled(algorithm, bytes),
    });
    for (const code of codes) assert.ok(REFUSALS.includes(code), code);
    const unreported = unrefused.filter(({ decoded }) => reported(decoded) === 0);
    assert.equal(unreported.length, silent, unreported.map(({ bit }) => bit).join());
  });
}

/** The COSE bytes of a credential. A direct recipient is one that others write. */
async function sealed(kind: Kind, key: OpeningKey, { signer }: Issuer): Promise<Uint8Array> {
  const options = { signer, compression: 'zlib' } as const;
  if (kind !== 'direct') {
    const encryptTo = key as NonNullable<Parameters<typeof encode>[2]['encryptTo']>;
    const allowService = kind === 'service';
    return coseOf((await encode(IDENTITY, META, { ...options, encryptTo, allowService })).text);
  }
  const signed = await coseOf((await encode(IDENTITY, META, options)).text);
  return encryptTo(signed, [key as Parameters<typeof encryptTo>[1][number]]);
}

function opened(cose: Uint8Array, decryptWith: OpeningKey, { trust }: Issuer): Promise<Decoded> {
  return decode(textOf(cose), { trust, at: AT, decryptWith, allowService: true });
}

/** RSA and agreements take their time: of what they carry one bit of each byte, unless all are asked for. */
function sampled(algorithm: string, cose: Uint8Array) {
  if (everyBit || !/^(RSA|ECDH)/.test(algorithm)) return () => true;
  const [, , content, recipients] = decodeCose(cose).elements as readonly CborValue[];
  const [[, , wrapped]] = recipients as [[CborValue, CborValue, Uint8Array]];
  const ranges = [content as Uint8Array, wrapped].map((part) => rangeOf(part, cose));
  return (byte: number, bit: number) =>
    bit === byte % 8 || ranges.every(([start, end]) => byte < start || byte >= end);
}
