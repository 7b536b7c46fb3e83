// The examples of the COSE working group. Every row says what becomes of a file; where that differs
// from the file's own verdict, the row says why this reader is stricter.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTrust, type FailureCode } from 'hardkey';
import {
  decodeCose,
  decodeSign,
  decodeSign1,
  openEncrypt0,
  openMac0,
  openSign,
  openSign1,
  signatureStructure,
  signerStructure,
} from 'hardkey/formats/cose';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import type { AeadAlgorithm } from '../../../src/core/algorithms.ts';
import { aeadOf, macOf } from '../../../src/core/content-keys.ts';
import { encodeBase64url } from '../../../src/encoding/base64.ts';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { encryptionStructure } from '../../../src/formats/cose/encrypt0.ts';
import { decodeHeaders } from '../../../src/formats/cose/headers.ts';
import { macStructure } from '../../../src/formats/cose/mac0.ts';
import { decodeCoseAs } from '../../../src/formats/cose/structure.ts';
import { failsWith } from '../../support/failures.ts';

const found = vectors('cose');
const skip = found.missing ?? false;

/** The failure this reader answers with, and for a file that others accept the reason. */
type Row = 'passes' | FailureCode | readonly [FailureCode, string];

const NO_PROTECTED_ALGORITHM = 'the algorithm stands in the unprotected header, where anyone may change it';

const TEXT_KID = 'its kid is text, and RFC 9052 §3.1 has bytes';

const SIGN1: Readonly<Record<string, Row>> = {
  'ecdsa-examples/ecdsa-sig-01': 'passes',
  'ecdsa-examples/ecdsa-sig-02': 'passes',
  'ecdsa-examples/ecdsa-sig-03': 'passes',
  'ecdsa-examples/ecdsa-sig-04': ['VERIFICATION_FAILED', 'ES512 by a P-256 key: an algorithm has one curve'],
  'eddsa-examples/eddsa-sig-01': 'passes',
  'eddsa-examples/eddsa-sig-02': 'passes',
  'sign1-tests/sign-pass-01': ['MALFORMED', NO_PROTECTED_ALGORITHM],
  'sign1-tests/sign-pass-02': 'passes',
  'sign1-tests/sign-pass-03': 'passes',
  'sign1-tests/sign-fail-01': 'MALFORMED',
  'sign1-tests/sign-fail-02': 'VERIFICATION_FAILED',
  'sign1-tests/sign-fail-03': 'UNSUPPORTED',
  'sign1-tests/sign-fail-04': 'UNSUPPORTED',
  'sign1-tests/sign-fail-06': 'VERIFICATION_FAILED',
  'sign1-tests/sign-fail-07': 'VERIFICATION_FAILED',
  'CWT/A_3': 'passes',
};

const ENCRYPT0: Readonly<Record<string, Row>> = {
  'aes-gcm-examples/aes-gcm-enc-01': 'passes',
  'aes-gcm-examples/aes-gcm-enc-02': 'passes',
  'aes-gcm-examples/aes-gcm-enc-03': 'passes',
  'aes-gcm-examples/aes-gcm-enc-04': 'DECRYPTION_FAILED',
  'encrypted-tests/aes-gcm-01': 'passes',
  'encrypted-tests/enc-pass-01': ['MALFORMED', NO_PROTECTED_ALGORITHM],
  'encrypted-tests/enc-pass-02': 'passes',
  'encrypted-tests/enc-pass-03': ['MALFORMED', NO_PROTECTED_ALGORITHM],
  'encrypted-tests/enc-fail-01': 'MALFORMED',
  'encrypted-tests/enc-fail-02': 'DECRYPTION_FAILED',
  'encrypted-tests/enc-fail-03': 'UNSUPPORTED',
  'encrypted-tests/enc-fail-04': 'UNSUPPORTED',
  'encrypted-tests/enc-fail-06': 'DECRYPTION_FAILED',
  'encrypted-tests/enc-fail-07': 'DECRYPTION_FAILED',
  'CWT/A_5': ['UNSUPPORTED', 'AES-CCM is not in the registry'],
  'CWT/A_6': ['UNSUPPORTED', 'AES-CCM is not in the registry'],
};

const SIGN: Readonly<Record<string, Row>> = {
  'ecdsa-examples/ecdsa-01': 'passes',
  'ecdsa-examples/ecdsa-02': 'passes',
  'ecdsa-examples/ecdsa-03': 'passes',
  'ecdsa-examples/ecdsa-04': ['VERIFICATION_FAILED', 'ES512 by a P-256 key: an algorithm has one curve'],
  'eddsa-examples/eddsa-01': 'passes',
  'eddsa-examples/eddsa-02': 'passes',
  'sign-tests/ecdsa-01': 'passes',
  'sign-tests/sign-pass-01': 'passes',
  'sign-tests/sign-pass-02': 'passes',
  'sign-tests/sign-pass-03': 'passes',
  'sign-tests/sign-fail-01': 'MALFORMED',
  'sign-tests/sign-fail-02': 'VERIFICATION_FAILED',
  'sign-tests/sign-fail-03': 'UNSUPPORTED',
  'sign-tests/sign-fail-04': 'UNSUPPORTED',
  'sign-tests/sign-fail-06': 'VERIFICATION_FAILED',
  'sign-tests/sign-fail-07': 'VERIFICATION_FAILED',
  'x509-examples/signed-01': ['MALFORMED', TEXT_KID],
  'x509-examples/signed-02': ['MALFORMED', TEXT_KID],
  'x509-examples/signed-03': 'passes',
  'x509-examples/signed-04': 'passes',
  'x509-examples/signed-05': 'passes',
};

/** Codes of COSE_Mac0 that are cut to 64 bits. */
const CUT_CODES = ['CWT/A_4', 'CWT/A_7'];

const OTHERS = [
  'KeySet.txt',
  'README.md',
  ...['README.md', 'alice.crt', 'alice.der', 'ca.crt', 'ca.der'].map((file) => `x509-examples/${file}`),
];

interface Example {
  readonly fail?: boolean;
  readonly input: {
    readonly plaintext?: string;
    readonly plaintext_hex?: string;
    readonly sign0?: { readonly key: Readonly<Record<string, string>>; readonly external?: string };
    readonly encrypted?: { readonly external?: string };
    readonly sign?: {
      readonly signers: readonly {
        readonly key: Readonly<Record<string, string>>;
        readonly external?: string;
      }[];
      readonly external?: string;
    };
  };
  readonly intermediates: Readonly<Record<'ToBeSign_hex' | 'ToMac_hex' | 'AAD_hex' | 'CEK_hex', string>> & {
    readonly signers: readonly { readonly ToBeSign_hex: string }[];
  };
  readonly output: { readonly cbor: string };
}

function read(name: string): Example {
  return JSON.parse(readFileSync(join(found.path, `${name}.json`), 'utf8')) as Example;
}

/** Numbers of bytes of a content key, as its algorithm. */
const AEAD: Readonly<Record<number, AeadAlgorithm>> = { 16: 'A128GCM', 24: 'A192GCM', 32: 'A256GCM' };

for (const [name, row] of Object.entries(SIGN1)) {
  test(titleOf(name, row), { skip }, async () => {
    const { input, intermediates, output, ...verdict } = read(name);
    const { key = {}, external = '' } = input.sign0 ?? {};
    const bytes = decodeHex(output.cbor);
    const externalAad = decodeHex(external);
    const trust = await createTrust(jwkOf(key));
    const opening = openSign1(bytes, { trust, externalAad });
    await judge(
      row,
      verdict,
      opening.then(({ payload }) => payload),
      plaintextOf(input),
    );
    // The bytes that are signed are theirs, too, where the file is not a spoiled one.
    if (verdict.fail) return;
    const { headers, payload = new Uint8Array() } = decodeSign1(bytes);
    const signed = signatureStructure(headers.protectedBytes, externalAad, payload);
    assert.equal(encodeHex(signed), intermediates.ToBeSign_hex.toLowerCase());
  });
}

for (const [name, row] of Object.entries(ENCRYPT0)) {
  test(titleOf(name, row), { skip }, async () => {
    const { input, intermediates, output, ...verdict } = read(name);
    const bytes = decodeHex(output.cbor);
    const externalAad = decodeHex(input.encrypted?.external ?? '');
    const key = decodeHex(intermediates.CEK_hex);
    const opening = openEncrypt0(bytes, await aeadOf(key, AEAD[key.length] ?? 'A128GCM'), { externalAad });
    await judge(row, verdict, opening, plaintextOf(input));
    if (verdict.fail) return;
    const [first, second] = decodeCoseAs(bytes, 'encrypt0');
    const { protectedBytes } = decodeHeaders(first, second);
    const aad = encryptionStructure('Encrypt0', protectedBytes, externalAad);
    assert.equal(encodeHex(aad), intermediates.AAD_hex.toLowerCase());
  });
}

for (const [name, row] of Object.entries(SIGN)) {
  test(titleOf(name, row), { skip }, async () => {
    const { input, intermediates, output, ...verdict } = read(name);
    const { signers = [] } = input.sign ?? {};
    const external = signers[0]?.external ?? '';
    const bytes = decodeHex(output.cbor);
    const externalAad = decodeHex(external);
    const trust = await createTrust(signers.map(({ key }) => jwkOf(key)));
    const opening = openSign(bytes, { trust, externalAad });
    await judge(
      row,
      verdict,
      opening.then(({ payload }) => payload),
      plaintextOf(input),
    );
    if (verdict.fail) return;
    const { headers, payload = new Uint8Array(), signatures } = decodeSign(bytes);
    const signed = signatures.map((one) =>
      signerStructure(headers.protectedBytes, one.headers.protectedBytes, externalAad, payload),
    );
    const expected = intermediates.signers.map((one) => one.ToBeSign_hex.toLowerCase());
    assert.deepEqual(signed.map(encodeHex), expected);
  });
}

for (const name of CUT_CODES) {
  test(`${name} is UNSUPPORTED here: a code cut to 64 bits is not in the registry`, { skip }, async () => {
    const { intermediates, output, fail } = read(name);
    assert.equal(fail, undefined);
    const bytes = decodeHex(output.cbor);
    const [first, second, payload] = decodeCoseAs(bytes, 'mac0');
    const { protectedBytes } = decodeHeaders(first, second);
    const coded = macStructure('MAC0', protectedBytes, new Uint8Array(), payload as Uint8Array);
    assert.equal(encodeHex(coded), intermediates.ToMac_hex.toLowerCase());
    const mac = await macOf(decodeHex(intermediates.CEK_hex), 'HS256');
    const refused = failsWith('UNSUPPORTED', { field: 'cose.alg', algorithm: '4' });
    await assert.rejects(openMac0(bytes, mac), refused);
  });
}

test('every file of every folder has a row, and every row a file', { skip }, () => {
  const files = readdirSync(found.path, { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
  const rows = [SIGN1, ENCRYPT0, SIGN].flatMap((table) => Object.keys(table));
  assert.deepEqual(names.sort(), [...rows, ...CUT_CODES].sort());
  assert.equal(names.length, 55);
  // Whatever else holds an example is read elsewhere: the keys, and the certificates of x509-examples.
  const others = files.filter((file) => /\.\w+$/.test(file) && !file.endsWith('.json'));
  assert.deepEqual(others.sort(), OTHERS);
});

test('an untagged COSE_Sign is read where it is asked for, and not taken for one elsewhere', { skip }, () => {
  const bytes = decodeHex(read('sign-tests/sign-pass-03').output.cbor);
  assert.equal(decodeSign(bytes).signatures.length, 1);
  // Its length is that of a COSE_Sign1, for which its signature is none.
  assert.equal(decodeCose(bytes).kind, 'sign1');
  assert.throws(() => decodeSign1(bytes), failsWith('MALFORMED', { field: 'cose' }));
});

function titleOf(name: string, row: Row): string {
  if (typeof row === 'string') return row === 'passes' ? `${name} passes` : `${name} is ${row}`;
  return `${name} is ${row[0]} here: ${row[1]}`;
}

/** Holds an outcome against its row, and the row against the file. */
async function judge(
  row: Row,
  { fail = false }: { readonly fail?: boolean },
  opening: Promise<Uint8Array>,
  plaintext: Uint8Array,
): Promise<void> {
  assert.equal(
    typeof row === 'string' && row !== 'passes',
    fail,
    'a row without a reason agrees with the file',
  );
  if (row === 'passes') assert.deepEqual(Uint8Array.from(await opening), plaintext);
  else await assert.rejects(opening, failsWith(typeof row === 'string' ? row : row[0]));
}

function plaintextOf({ plaintext, plaintext_hex: hex = '' }: Example['input']): Uint8Array {
  return plaintext === undefined ? decodeHex(hex) : utf8(plaintext);
}

/** The public key of an example: coordinates in hexadecimal or base64url, the kid left out. */
function jwkOf(key: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { kty: type = '', crv = '' } = key;
  const kty = type === 'EC2' ? 'EC' : type;
  const coordinates = ['x', 'y'].flatMap((name) => {
    const hex = key[`${name}_hex`];
    const value = hex === undefined ? key[name] : encodeBase64url(decodeHex(hex));
    return value === undefined ? [] : [[name, value]];
  });
  return { kty, crv, ...Object.fromEntries(coordinates) };
}
