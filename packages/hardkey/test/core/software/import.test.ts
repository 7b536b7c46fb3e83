// Keys that come from elsewhere are taken in whole, or not at all.
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { type Algorithm, createKeys, type FailureCode, Secret } from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { der, derBits, derTag } from '../../../src/encoding/der.ts';
import { encodePem } from '../../../src/encoding/pem.ts';
import { failsWith } from '../../support/failures.ts';

function imported(material: string | Uint8Array, algorithm?: Algorithm) {
  const content = { material: new Secret(Buffer.from(material)) };
  return createKeys([memory()]).import(
    'memory:a',
    algorithm === undefined ? content : { ...content, algorithm },
  );
}

const [ours, other] = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
];
const [ed, otherEd] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const [rsa, otherRsa] = [rsaPair(), rsaPair()];

function rsaPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

const jwk = (key: KeyObject) => key.export({ format: 'jwk' }) as Readonly<Record<string, string>>;
const derOf = (key: KeyObject, type: 'sec1' | 'pkcs8') => new Uint8Array(key.export({ format: 'der', type }));
/** The point of a P-256 key, as it stands at the end of its SPKI. */
const pointOf = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' })).slice(-65);

/** A copy in which the one place of some bytes has others. */
function replaced(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from);
  assert.ok(at > 0 && from.length === to.length);
  const copy = Uint8Array.from(bytes);
  copy.set(to, at);
  return copy;
}

/** RFC 5958 §2: version 2 has the public half, in a bit string that is tagged implicitly. */
function version2(
  privateKey: KeyObject,
  publicKey: KeyObject,
  wrap: (bits: Uint8Array) => Uint8Array,
): Uint8Array {
  const version1 = derOf(privateKey, 'pkcs8');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })).slice(-32);
  const body = Uint8Array.from(version1.subarray(2));
  body[2] = 1;
  return der(derTag.sequence, body, wrap(raw));
}
const implicit = (raw: Uint8Array) => der(0x81, Uint8Array.of(0), raw);
const explicit = (raw: Uint8Array) => der(0xa1, derBits(raw));

// RFC 8410 §10.3: attributes and the public half.
const RFC_8410 = `-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
`;

test('PKCS #8 with its public half is read, as in RFC 8410 and as ring writes it', async () => {
  const { publicKey } = await imported(RFC_8410);
  assert.equal(
    publicKey?.toPem().split('\n')[1],
    'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
  );
  const spki = ed.publicKey.export({ format: 'pem', type: 'spki' });
  for (const wrap of [implicit, explicit]) {
    const bytes = version2(ed.privateKey, ed.publicKey, wrap);
    assert.equal((await imported(bytes)).publicKey?.toPem(), spki);
    assert.equal((await imported(encodePem('PRIVATE KEY', bytes))).publicKey?.toPem(), spki);
  }
});

test('every form of one key is the same key', async () => {
  const { privateKey, publicKey } = ours;
  for (const material of [
    derOf(privateKey, 'pkcs8'),
    String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    String(privateKey.export({ format: 'pem', type: 'sec1' })),
    JSON.stringify(jwk(privateKey)),
  ]) {
    const spki = publicKey.export({ format: 'pem', type: 'spki' });
    assert.equal((await imported(material)).publicKey?.toPem(), spki);
  }
});

const { d: _, ...otherPublic } = jwk(other.privateKey);
const STRANGERS: Readonly<Record<string, string | Uint8Array>> = {
  'a JWK of another x and y': JSON.stringify({ ...jwk(ours.privateKey), ...otherPublic }),
  'a JWK of another x, off the curve': JSON.stringify({ ...jwk(ours.privateKey), x: otherPublic['x'] }),
  'a JWK of Ed25519 with another x': JSON.stringify({
    ...jwk(ed.privateKey),
    x: jwk(otherEd.publicKey)['x'],
  }),
  'a JWK of RSA with another n': JSON.stringify({ ...jwk(rsa.privateKey), n: jwk(otherRsa.publicKey)['n'] }),
  'a JWK without its public half': JSON.stringify({ ...jwk(ed.privateKey), x: undefined }),
  'SEC 1 with another point': encodePem(
    'EC PRIVATE KEY',
    replaced(derOf(ours.privateKey, 'sec1'), pointOf(ours.publicKey), pointOf(other.publicKey)),
  ),
  'PKCS #8 with another point': replaced(
    derOf(ours.privateKey, 'pkcs8'),
    pointOf(ours.publicKey),
    pointOf(other.publicKey),
  ),
  'PKCS #8 of version 2 with another public half': version2(ed.privateKey, otherEd.publicKey, implicit),
  'the same as ring writes it': version2(ed.privateKey, otherEd.publicKey, explicit),
  'the same as PEM': encodePem('PRIVATE KEY', version2(ed.privateKey, otherEd.publicKey, implicit)),
};

for (const [name, material] of Object.entries(STRANGERS)) {
  test(`${name} is MALFORMED`, () =>
    assert.rejects(imported(material), failsWith('MALFORMED', { field: 'privateKey' })));
}

const secret = Buffer.alloc(32, 7).toString('base64url');
const NO_KEYS: Readonly<
  Record<string, readonly [string | Uint8Array, Algorithm | undefined, FailureCode, string]>
> = {
  'a public key': [
    String(ours.publicKey.export({ format: 'pem', type: 'spki' })),
    undefined,
    'MALFORMED',
    'privateKey',
  ],
  'a public JWK': [JSON.stringify(otherPublic), undefined, 'MALFORMED', 'privateKey'],
  'a JWK that has its private half twice': [
    JSON.stringify(jwk(ed.privateKey)).replace('{', '{"d":"AAAA",'),
    undefined,
    'MALFORMED',
    'privateKey',
  ],
  'two private keys': [RFC_8410 + RFC_8410, undefined, 'MALFORMED', 'privateKey'],
  'bytes after a version 2': [
    der(derTag.sequence, version2(ed.privateKey, ed.publicKey, implicit).subarray(2), Uint8Array.of(5, 0)),
    undefined,
    'MALFORMED',
    'privateKey',
  ],
  'a symmetric JWK with padding': [`{"kty":"oct","k":"${secret}="}`, 'HS256', 'MALFORMED', 'jwk.k'],
  'a symmetric JWK without a key': [
    '{"kty":"oct","k1":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
    'HS256',
    'MALFORMED',
    'jwk',
  ],
  'a symmetric JWK with its key twice': [
    `{"kty":"oct","k":"AAAA","k":"${secret}"}`,
    'HS256',
    'MALFORMED',
    'jwk',
  ],
  'the JWK of a pair as a symmetric key': [JSON.stringify(jwk(ours.privateKey)), 'HS256', 'MALFORMED', 'jwk'],
};

for (const [name, [material, algorithm, code, field]] of Object.entries(NO_KEYS)) {
  test(`${name} is ${code}`, () => assert.rejects(imported(material, algorithm), failsWith(code, { field })));
}

test('bytes that only begin like JSON are a key', async () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 0x7b : index));
  assert.equal((await imported(bytes, 'HS256')).algorithms[0], 'HS256');
});

test('a private number that no key of the curve has is MALFORMED', async () => {
  for (const crv of ['P-256', 'P-384', 'P-521'] as const) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: crv });
    const { d = '', ...halves } = jwk(privateKey);
    for (const byte of [0, 0xff]) {
      const number = Buffer.from(d, 'base64url').fill(byte).toString('base64url');
      await assert.rejects(imported(JSON.stringify({ ...halves, d: number })), failsWith('MALFORMED'), crv);
    }
  }
});
