import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type TrustOptions, type TrustSource } from '../../../src/core/trust/trust.ts';
import { decodeBase64url } from '../../../src/encoding/base64.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { der, derTag } from '../../../src/encoding/der.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { encodePem } from '../../../src/encoding/pem.ts';
import {
  authority,
  type CertificateSpec,
  certificate,
  extension,
  keyPair,
  pemOf,
  signer,
  usage,
} from '../../support/certificates.ts';
import { testSigner } from '../../support/documents.ts';
import { failsWith } from '../../support/failures.ts';

const ed = (await testSigner()).publicKey;
const p256 = (await testSigner('ES256')).publicKey;
const root = authority({ subject: 'Root' });
const leaf = signer({ subject: 'Signer', issuer: root, notAfter: '2030-01-01T00:00:00Z' });

/** A COSE_Key with more parameters than the key itself has. */
function coseKey(
  key: { toCoseKey(): Uint8Array },
  ...more: readonly (readonly [number, CborValue])[]
): Uint8Array {
  const parameters = decodeCbor(key.toCoseKey()) as ReadonlyMap<CborValue, CborValue>;
  return encodeCbor(new Map<CborValue, CborValue>([...parameters, ...more]));
}

const point = encodeHex(p256.toRaw());

// Every form of a plain key.
const FORMS: Readonly<Record<string, readonly [TrustSource, { readonly fingerprint: string }]>> = {
  'a public key': [ed, ed],
  'PEM text': [ed.toPem(), ed],
  'the bytes of a PEM file': [utf8(`a comment\n${p256.toPem()}`), p256],
  'a JWK': [ed.toJwk(), ed],
  'JWK text': [JSON.stringify(p256.toJwk()), p256],
  'the bytes of a JWK file': [utf8(` ${JSON.stringify(p256.toJwk())}\n`), p256],
  'a JWK file with a byte order mark': [utf8(`\u{feff}${JSON.stringify(ed.toJwk())}`), ed],
  'a JWK Set': [{ keys: [ed.toJwk()] }, ed],
  'SPKI bytes': [p256.spki, p256],
  'COSE_Key bytes': [ed.toCoseKey(), ed],
  'COSE_KeySet bytes': [concat(Uint8Array.of(0x81), p256.toCoseKey()), p256],
  'ed25519:<hex>': [`ed25519:${encodeHex(ed.toRaw())}\n`, ed],
  'p256:<hex>': [`p256:${point}`, p256],
  'p256:<hex>, compressed': [
    `p256:${Number.parseInt(point.slice(-1), 16) % 2 ? '03' : '02'}${point.slice(2, 66)}`,
    p256,
  ],
  'a certificate of a signer': [leaf.der, { fingerprint: '' }],
};

for (const [title, [source, { fingerprint }]] of Object.entries(FORMS)) {
  test(`${title} is a form of trust`, async () => {
    const { size, keys, roots } = await createTrust(source);
    assert.deepEqual([size, keys.length, roots.length], [1, 1, 0]);
    if (fingerprint !== '') assert.equal(keys[0]?.publicKey.fingerprint, fingerprint);
  });
}

for (const [title, [source]] of Object.entries(FORMS)) {
  if (!(source instanceof Uint8Array)) continue;
  test(`${title} are read as they were given, whatever becomes of the buffer`, async () => {
    const buffer = Uint8Array.from(source);
    const read = createTrust(buffer);
    buffer.fill(0);
    const [key] = (await read).keys;
    assert.equal(key?.publicKey.fingerprint, (await createTrust(source)).keys[0]?.publicKey.fingerprint);
  });
}

test('one PEM text holds any number of keys and certificates', async () => {
  const { size, keys, roots } = await createTrust(`${ed.toPem()}${pemOf(root)}\n# signer\n${pemOf(leaf)}`);
  assert.deepEqual([size, keys.length, roots], [3, 2, [root.der]]);
});

test('a list of sources is all of them', async () => {
  const trust = await createTrust([ed, p256.toPem(), root.der, { keys: [p256.toJwk(), ed.toJwk()] }]);
  assert.deepEqual([trust.size, trust.keys.length, trust.roots.length], [5, 4, 1]);
});

test('an empty list trusts nothing', async () => {
  assert.equal((await createTrust([])).size, 0);
});

test('a certificate of a signer is a key for as long as it is valid', async () => {
  const { keys } = await createTrust(leaf.der);
  const [key] = keys;
  assert.equal(key?.notBefore, Date.parse('2024-01-01T00:00:00Z') / 1000);
  assert.equal(key?.notAfter, Date.parse('2030-01-01T00:00:00Z') / 1000);
  assert.deepEqual(key?.certificate, leaf.der);
  assert.deepEqual(key?.algorithms, ['ES256']);
  assert.equal(key?.keyId, undefined);
});

test('an authority, self-signed or not, is a root and no key', async () => {
  const intermediate = authority({ subject: 'Intermediate', issuer: root });
  const { keys, roots } = await createTrust([root.der, intermediate.der]);
  assert.deepEqual([keys, roots], [[], [root.der, intermediate.der]]);
});

test('an authority whose key may sign documents is a root and a key', async () => {
  const algorithms = async (spec: Partial<CertificateSpec>): Promise<unknown> => {
    const { size, keys, roots } = await createTrust(certificate({ subject: 'Self', ca: true, ...spec }).der);
    assert.deepEqual([size, roots.length], [1 + keys.length, 1]);
    return keys[0]?.algorithms;
  };
  assert.deepEqual(await algorithms({}), ['ES256']);
  assert.deepEqual(await algorithms({ keyUsage: usage.digitalSignature }), ['ES256']);
  assert.equal(await algorithms({ keyUsage: usage.certSign }), undefined);
  const unknown = extension('1.2.3.4', true, Uint8Array.of(5, 0));
  assert.equal(await algorithms({ extensions: [unknown] }), undefined);
});

test('a certificate that is not for signing documents verifies nothing', async () => {
  const algorithms = async (bits: readonly [number, number]): Promise<unknown> =>
    (await createTrust(signer({ subject: 'S', keyUsage: bits }).der)).keys[0]?.algorithms;
  assert.deepEqual(await algorithms(usage.keyEncipherment), []);
  assert.deepEqual(await algorithms(usage.nonRepudiation), ['ES256']);
});

test('a pinned certificate with an unknown critical extension is UNSUPPORTED', async () => {
  const extensions = [extension('1.3.6.1.4.1.99999.1', true, der(derTag.null))];
  await assert.rejects(
    createTrust(signer({ subject: 'S', extensions }).der),
    failsWith('UNSUPPORTED', { field: 'trust' }),
  );
});

test('alg, use and key_ops of a JWK narrow what it verifies', async () => {
  const rsa = { ...(await rsaJwk()) };
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [p256.toJwk(), ['ES256']],
    [{ ...p256.toJwk(), alg: 'ES256', use: 'sig', key_ops: ['verify'] }, ['ES256']],
    [{ ...p256.toJwk(), alg: 'ES384' }, []],
    [{ ...p256.toJwk(), alg: 'ECDH-ES+A128KW' }, []],
    [{ ...p256.toJwk(), use: 'enc' }, []],
    [{ ...p256.toJwk(), key_ops: ['deriveBits'] }, []],
    [{ ...ed.toJwk(), alg: 'EdDSA' }, ['Ed25519']],
    [{ ...ed.toJwk(), alg: 'Ed25519' }, ['Ed25519']],
    [rsa, ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']],
    [{ ...rsa, alg: 'PS256' }, ['PS256']],
  ];
  for (const [jwk, expected] of cases) {
    const { keys } = await createTrust(jwk as TrustSource);
    assert.deepEqual(keys[0]?.algorithms.toSorted(), expected, JSON.stringify(Object.keys(jwk)));
  }
});

async function rsaJwk(): Promise<Readonly<Record<string, string>>> {
  const spki = keyPair('rsa').publicKey.export({ type: 'spki', format: 'der' });
  return (await createTrust(Uint8Array.from(spki))).keys[0]?.publicKey.toJwk() ?? {};
}

test('alg and key_ops of a COSE_Key narrow what it verifies', async () => {
  const [ALG, OPS] = [3, 4];
  const cases: readonly (readonly [Uint8Array, readonly string[]])[] = [
    [coseKey(ed), ['Ed25519']],
    [coseKey(ed, [ALG, -8], [OPS, [2]]), ['Ed25519']],
    [coseKey(ed, [ALG, -19]), ['Ed25519']],
    [coseKey(p256, [ALG, -9]), ['ES256']],
    [coseKey(p256, [ALG, -35]), []],
    [coseKey(p256, [ALG, 'ES256']), []],
    [coseKey(p256, [OPS, [1, 2]]), ['ES256']],
    [coseKey(p256, [OPS, [7]]), []],
  ];
  for (const [bytes, expected] of cases) {
    assert.deepEqual((await createTrust(bytes)).keys[0]?.algorithms, expected, encodeHex(bytes));
  }
});

test('key ids are text: UTF-8 where it can be printed, hexadecimal elsewhere', async () => {
  const KID = 2;
  const cases: readonly (readonly [TrustSource, string])[] = [
    [{ ...ed.toJwk(), kid: 'issuer 1' }, 'issuer 1'],
    [coseKey(ed, [KID, utf8('émetteur')]), 'émetteur'],
    [coseKey(ed, [KID, Uint8Array.of(1, 2, 255)]), '0102ff'],
    [coseKey(ed, [KID, utf8('a\n')]), '610a'],
  ];
  for (const [source, expected] of cases) assert.equal((await createTrust(source)).keys[0]?.keyId, expected);
});

test('nbf, exp and revoked of a JWK limit when it verifies', async () => {
  const jwk = { ...ed.toJwk(), nbf: 100, exp: 200, revoked: { revoked_at: 150, reason: 'lost' } };
  const { keys } = await createTrust(jwk);
  assert.deepEqual([keys[0]?.notBefore, keys[0]?.notAfter, keys[0]?.revokedAt], [100, 200, 150]);
  const always = await createTrust({ ...ed.toJwk(), revoked: {} });
  assert.equal(always.keys[0]?.revokedAt, Number.NEGATIVE_INFINITY);
});

test('private members of a JWK stay outside', async () => {
  const { privateKey } = keyPair('ed25519');
  const jwk = privateKey.export({ format: 'jwk' }) as Record<string, unknown>;
  const { keys } = await createTrust(jwk);
  assert.deepEqual(keys[0]?.publicKey.toRaw(), decodeBase64url(String(jwk['x'])));
  assert.ok(!JSON.stringify(keys).includes(String(jwk['d'])));
});

test('the allow-list narrows every key', async () => {
  const { keys, algorithms } = await createTrust([ed, p256], { algorithms: ['ES256'] });
  assert.deepEqual(
    keys.map((key) => key.algorithms),
    [[], ['ES256']],
  );
  assert.deepEqual(algorithms, ['ES256']);
});

test('in a set, a key of an unknown kind is passed over; alone, it is UNSUPPORTED', async () => {
  const odd = { kty: 'OKP', crv: 'X9999', x: 'AAAA' };
  const [key, ...more] = (await createTrust({ keys: [odd, ed.toJwk(), { kty: 'oct', k: 'AAAA' }] })).keys;
  assert.deepEqual([key?.publicKey.id, more.length], [ed.id, 0]);
  await assert.rejects(createTrust(odd), failsWith('UNSUPPORTED'));
  const oddCose = Uint8Array.of(0xa1, 0x01, 0x04);
  const set = concat(Uint8Array.of(0x82), oddCose, ed.toCoseKey());
  assert.equal((await createTrust(set)).size, 1);
  await assert.rejects(createTrust(oddCose), failsWith('UNSUPPORTED'));
});

const broken = { ...ed.toJwk(), x: 'AAAA' };
const privatePem = keyPair().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

const MALFORMED: Readonly<Record<string, readonly [TrustSource, string]>> = {
  'a broken key of a set': [{ keys: [ed.toJwk(), broken] }, 'jwks.keys.1.publicKey'],
  'a key of a set without a type': [{ keys: [{}] }, 'jwks.keys.0.jwk.kty'],
  'a member of a set that is no object': [{ keys: ['x'] }, 'jwks.keys.0.jwk'],
  'a broken key of a COSE_KeySet': [Uint8Array.of(0x81, 0xa2, 1, 1, 0x20, 6), 'coseKeySet.0.coseKey'],
  'a kid that is no text': [{ ...ed.toJwk(), kid: 7 }, 'jwk.kid'],
  'an alg that is no text': [{ ...ed.toJwk(), alg: ['EdDSA'] }, 'jwk.alg'],
  'an exp that is text': [{ ...ed.toJwk(), exp: '2026' }, 'jwk.exp'],
  'key_ops that is text': [{ ...ed.toJwk(), key_ops: 'verify' }, 'jwk.key_ops'],
  'a revocation that is no object': [{ ...ed.toJwk(), revoked: true }, 'jwk.revoked'],
  'key_ops of a COSE_Key that is a number': [coseKey(ed, [4, 2]), 'coseKey.key_ops'],
  'a private key': [privatePem, 'trust.0'],
  'a private key behind a certificate': [pemOf(leaf) + privatePem, 'trust.1'],
  'a PEM block that does not end': [ed.toPem().slice(0, -10), 'trust'],
  'a broken certificate': [encodePem('CERTIFICATE', leaf.der.subarray(1)), 'trust.0'],
  'text of no kind': ['trust me', 'trust'],
  'no text': ['', 'trust'],
  'JSON that is no object': ['"key"', 'trust'],
  'a list as JSON text': [`[${JSON.stringify(ed.toJwk())}]`, 'trust'],
  'a JWK that says its key twice': ['{"kty":"OKP","crv":"Ed25519","x":"AA","x":"AA"}', 'trust'],
  'bytes of no kind': [Uint8Array.of(0xff, 0xfe), 'trust'],
  'no bytes': [new Uint8Array(), 'trust'],
};

for (const [title, [source, field]] of Object.entries(MALFORMED)) {
  test(`${title} is MALFORMED, naming ${field}`, async () => {
    await assert.rejects(createTrust(source), failsWith('MALFORMED', { field }));
    await assert.rejects(createTrust([ed, source]), failsWith('MALFORMED', { field }));
  });
}

test('unknown options and algorithms, and sources of no kind, are ARGUMENT_INVALID', async () => {
  const options: readonly (readonly [object, string])[] = [
    [{ allow: ['ES256'] }, 'allow'],
    [null as unknown as object, 'options'],
    [{ algorithms: 'ES256' }, 'algorithms'],
    [{ algorithms: [] }, 'algorithms'],
    [{ algorithms: ['none'] }, 'algorithms'],
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ extKeyUsage: 'emailProtection' }, 'extKeyUsage'],
  ];
  for (const [given, field] of options) {
    await assert.rejects(createTrust(ed, given as TrustOptions), failsWith('ARGUMENT_INVALID', { field }));
  }
  const source = 7 as unknown as TrustSource;
  await assert.rejects(createTrust(source), failsWith('ARGUMENT_INVALID', { field: 'trust' }));
});
