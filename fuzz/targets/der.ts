/**
 * DER: public keys and ECDSA signatures. What is read is written back byte for byte.
 *
 * @module
 */
import { importPublicKey } from '../../packages/hardkey/src/core/import-public-key.ts';
import { encodeRsaKey } from '../../packages/hardkey/src/core/rsa-key.ts';
import { decodeSpki, encodeSpki, type KeyParts } from '../../packages/hardkey/src/core/spki.ts';
import { concat, equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import { ecdsaFromDer, ecdsaToDer } from '../../packages/hardkey/src/encoding/ecdsa.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { promised, type Target } from '../target.ts';

// r and s of one byte, of full length, and with sign bytes.
const SIGNATURES = [
  Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 2),
  ecdsaToDer(new Uint8Array(64).fill(0x7f)),
  ecdsaToDer(new Uint8Array(64).fill(0xff)),
  ecdsaToDer(new Uint8Array(132).fill(1)),
];

/** See the module. */
export const der: Target = {
  name: 'der',
  allowed: ['MALFORMED', 'UNSUPPORTED'],
  seeds: () => [...keys(), ...SIGNATURES],
  run(input) {
    // Both begin with a SEQUENCE; in a signature the first element of it is an INTEGER.
    return input[input[1] === 0x81 ? 3 : 2] === 2 ? runSignature(input) : runKey(input);
  },
};

function runSignature(input: Uint8Array): number {
  const length = input.length > 110 ? 132 : 64;
  const fixed = ecdsaFromDer(input, length);
  promised(fixed.length === length, 'r and s have the width of the curve');
  promised(equalBytes(ecdsaToDer(fixed), input), 'one DER for one signature');
  return fixed.length;
}

async function runKey(input: Uint8Array): Promise<number> {
  const parts = decodeSpki(input);
  promised(equalBytes(encodeSpki(parts), input), 'one DER for one key');
  const key = await importPublicKey(input);
  promised(equalBytes((await importPublicKey(key.spki)).spki, key.spki), 'an imported key is imported again');
  return key.spki.length;
}

/** One key of each kind: base points (SP 800-186 §3.2.1, RFC 7748 §4), and numbers that are odd. */
function keys(): readonly Uint8Array[] {
  const x = decodeHex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
  const y = decodeHex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5');
  const parts: readonly KeyParts[] = [
    { keyType: 'EC', curve: 'P-256', raw: concat(Uint8Array.of(4), x, y) },
    { keyType: 'EC', curve: 'P-256', raw: concat(Uint8Array.of(3), x) },
    { keyType: 'OKP', curve: 'Ed25519', raw: Uint8Array.of(0x58, ...new Uint8Array(31).fill(0x66)) },
    { keyType: 'OKP', curve: 'X448', raw: Uint8Array.of(5, ...new Uint8Array(55)) },
    {
      keyType: 'RSA',
      raw: encodeRsaKey({ modulus: new Uint8Array(128).fill(0xc5), exponent: Uint8Array.of(1, 0, 1) }),
    },
  ];
  return parts.map(encodeSpki);
}
