// Signing in two steps. The key is somewhere else: node:crypto signs what the file says.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { createTrust, ecdsaFromDer, importPublicKey } from 'hardkey';
import {
  decode,
  type Identity,
  inspect,
  type PreparedDocument,
  type PrepareOptions,
  prepare,
  readPrepared,
} from 'hardkey/formats/claim169';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';
import { completeSign1 } from '../../../../src/formats/cose/prepare-sign1.ts';
import { certificate } from '../../../support/certificates.ts';
import { failsWith } from '../../../support/failures.ts';
import { freshKey } from '../../../support/fresh-key.ts';
import { AT, META } from '../support.ts';

const IDENTITY: Identity = {
  id: '3918592438',
  fullName: 'Ada Example',
  gender: 2,
  address: 'One Street\nTown',
  face: [{ data: new Uint8Array(40).fill(7), format: 0, subFormat: 4, issuer: 'camera' }],
  bestQualityFingers: [1, 2],
  unknown: new Map([[70, Uint8Array.of(0x63, 0x61, 0x62, 0x63)]]),
};

/** A key pair of node:crypto, the private half of which nothing here but `signed` sees. */
async function offlineKey(name: 'EdDSA' | 'ES256' | 'ES384' | 'PS256') {
  const pair = {
    EdDSA: () => generateKeyPairSync('ed25519'),
    ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }[name]();
  const hash = { EdDSA: null, ES256: 'sha256', ES384: 'sha384', PS256: 'sha256' }[name];
  const pss = { padding: 6, saltLength: 32 };
  const signed = (message: Uint8Array) =>
    new Uint8Array(
      sign(hash, message, {
        key: pair.privateKey,
        dsaEncoding: 'ieee-p1363',
        ...(name === 'PS256' && pss),
      }),
    );
  const publicKey = await importPublicKey(pair.publicKey.export({ format: 'pem', type: 'spki' }).toString());
  return { pair, signed, publicKey };
}

const es256 = await offlineKey('ES256');
const prepared = await prepare(IDENTITY, META, { algorithm: 'ES256', publicKey: es256.publicKey });
const file = JSON.stringify(prepared, null, 2);

for (const name of ['EdDSA', 'ES256', 'ES384', 'PS256'] as const)
  test(`${name}: what the file says is signed elsewhere, and completes what was prepared`, async () => {
    const { signed, publicKey } = await offlineKey(name);
    const written = JSON.stringify(await prepare(IDENTITY, META, { algorithm: name, publicKey }));
    const document = JSON.parse(written) as PreparedDocument;
    const hash = name === 'ES384' ? 'sha384' : 'sha256';
    const message = decodeHex(document.toBeSigned);
    assert.equal(document.digest, `${hash}:${createHash(hash).update(message).digest('hex')}`);
    assert.equal(document.algorithm, name);
    const read = await readPrepared(written);
    assert.deepEqual(Uint8Array.from(read.toBeSigned), Uint8Array.from(message));
    assert.equal(encodeHex(read.digest), document.digest.slice(hash.length + 1));
    const { text, qrVersion } = await read.complete(signed(message));
    assert.ok(qrVersion > 0);
    const decoded = await decode(text, { trust: await createTrust(publicKey), at: AT });
    assert.deepEqual([decoded.identity, decoded.meta], [IDENTITY, META]);
    assert.equal(decoded.verification.keyId, publicKey.id);
    assert.equal(decoded.isVerified(), true);
  });

test('the file shows every part of what is signed, in its order', () => {
  const { summary, key, publicKey, kind, version, profile } = JSON.parse(file) as PreparedDocument;
  const face = `0 (image), sub-format 4, by camera, 40 bytes, sha256:${createHash('sha256').update(new Uint8Array(40).fill(7)).digest('hex')}`;
  assert.deepEqual(Object.entries(summary), [
    ['cose.keyId', es256.publicKey.id],
    ['meta.issuer', 'https://issuer.example'],
    ['meta.subject', '7'],
    ['meta.expiresAt', '2026-06-01T01:00:00.000Z (1780275600)'],
    ['identity.id', '3918592438'],
    ['identity.fullName', 'Ada Example'],
    ['identity.gender', '2 (female)'],
    ['identity.address', 'One Street\nTown'],
    ['identity.bestQualityFingers', '[1,2]'],
    ['identity.face.0', face],
    ['identity.unknown.70', 'CBOR, 4 bytes: 63616263'],
  ]);
  assert.deepEqual([kind, version, profile], ['hardkey-claim169-prepared', 1, '1.2.1']);
  assert.deepEqual([key, publicKey], [es256.publicKey.fingerprint, es256.publicKey.toPem()]);
});

test('what cannot be seen is shown by its number', async () => {
  const fullName = 'Ada\u202Eelpmaxe\u0000';
  const { summary } = await prepare({ fullName }, META, { algorithm: 'ES256', publicKey: es256.publicKey });
  assert.equal(summary['identity.fullName'], 'Ada\\u{202e}elpmaxe\\u{0}');
});

test('a signature of another key, of other bytes, cut, or in DER is SIGNER_MISMATCH', async () => {
  const { toBeSigned, publicKey } = prepared;
  const good = es256.signed(toBeSigned);
  const other = await offlineKey('ES256');
  const der = new Uint8Array(sign('sha256', toBeSigned, es256.pair.privateKey));
  const mismatch = failsWith('SIGNER_MISMATCH', { expected: publicKey.fingerprint });
  for (const wrong of [
    other.signed(toBeSigned),
    es256.signed(prepared.digest as Uint8Array<ArrayBuffer>),
    es256.signed(toBeSigned.subarray(1)),
    good.subarray(1),
    new Uint8Array(64),
    new Uint8Array(),
    der,
  ])
    await assert.rejects(prepared.complete(wrong), mismatch);
  const text = prepared.complete('c2ln' as unknown as Uint8Array);
  await assert.rejects(text, failsWith('ARGUMENT_INVALID', { field: 'signature' }));
  await prepared.complete(good);
  await prepared.complete(ecdsaFromDer(der, 64));
});

/** A file that says something else than it would have signed. */
function changed(change: (document: Record<string, unknown>) => void): string {
  const document = JSON.parse(file) as Record<string, unknown>;
  change(document);
  return JSON.stringify(document);
}

const other = await prepare({ ...IDENTITY, fullName: 'Eve' }, META, {
  algorithm: 'ES256',
  publicKey: es256.publicKey,
});

const LIES: readonly (readonly [string, string, (document: Record<string, unknown>) => void])[] = [
  [
    'another name in the summary',
    'summary',
    (one) => Object.assign(one['summary'] as object, { 'identity.fullName': 'Eve' }),
  ],
  [
    'a line less in the summary',
    'summary',
    (one) => delete (one['summary'] as Record<string, unknown>)['identity.gender'],
  ],
  [
    'a line more in the summary',
    'summary',
    (one) => Object.assign(one['summary'] as object, { note: 'harmless' }),
  ],
  [
    'the bytes of another credential',
    'summary',
    (one) => Object.assign(one, { unsigned: other.toJSON().unsigned }),
  ],
  [
    'other bytes to be signed',
    'toBeSigned',
    (one) => Object.assign(one, { toBeSigned: other.toJSON().toBeSigned }),
  ],
  ['another digest', 'digest', (one) => Object.assign(one, { digest: other.toJSON().digest })],
  ['another fingerprint', 'key', (one) => Object.assign(one, { key: `sha256:${'0'.repeat(64)}` })],
  ['another algorithm', 'algorithm', (one) => Object.assign(one, { algorithm: 'ES384' })],
  ['another kind', 'kind', (one) => Object.assign(one, { kind: 'x' })],
  ['no bytes', 'unsigned', (one) => delete one['unsigned']],
  ['bytes that are none', 'unsigned', (one) => Object.assign(one, { unsigned: 'xyz' })],
];

for (const [name, member, change] of LIES)
  test(`a file with ${name} is MALFORMED, and names ${member}`, async () => {
    await assert.rejects(
      readPrepared(changed(change)),
      failsWith('MALFORMED', { field: `prepared.${member}` }),
    );
  });

test('a file with a member too many, or one that hides another, is MALFORMED; another version UNSUPPORTED', async () => {
  const malformed = failsWith('MALFORMED', { field: 'prepared' });
  await assert.rejects(readPrepared(changed((one) => Object.assign(one, { note: '' }))), malformed);
  await assert.rejects(readPrepared(file.replace('{', '{"digest":"sha256:00",')), malformed);
  for (const broken of ['', '[]', 'null', '{"kind"']) await assert.rejects(readPrepared(broken), malformed);
  const later = changed((one) => Object.assign(one, { version: 2 }));
  await assert.rejects(readPrepared(later), failsWith('UNSUPPORTED', { field: 'prepared.version' }));
});

test('a file of what is signed already is MALFORMED', async () => {
  const { unsigned } = prepared.toJSON();
  const signed = await completeSign1(decodeHex(unsigned), es256.signed(prepared.toBeSigned), {
    publicKey: es256.publicKey,
  });
  const again = changed((one) => Object.assign(one, { unsigned: encodeHex(signed) }));
  await assert.rejects(readPrepared(again), failsWith('MALFORMED', { field: 'prepared.unsigned' }));
});

test('a public key of another kind, an unknown option and a bad identity are ARGUMENT_INVALID before anybody signs', async () => {
  const { publicKey } = es256;
  const preparing = (identity: Identity, more: object = {}) =>
    prepare(identity, META, { algorithm: 'ES256', publicKey, ...more } as PrepareOptions);
  const ed25519 = (await offlineKey('EdDSA')).publicKey;
  await assert.rejects(
    preparing({}, { publicKey: ed25519 }),
    failsWith('ARGUMENT_INVALID', { field: 'publicKey' }),
  );
  await assert.rejects(preparing({}, { untold: 1 }), failsWith('ARGUMENT_INVALID', { field: 'untold' }));
  const wrong = { fullName: 7 } as unknown as Identity;
  await assert.rejects(preparing(wrong), failsWith('ARGUMENT_INVALID', { field: 'identity.fullName' }));
  const completing = prepared.complete(es256.signed(prepared.toBeSigned), { profile: 'mosip' } as object);
  await assert.rejects(completing, failsWith('ARGUMENT_INVALID', { field: 'profile' }));
});

test('what was prepared is encrypted when it is completed', async (t) => {
  const key = await freshKey(t, 'A256GCM');
  const { text } = await prepared.complete(es256.signed(prepared.toBeSigned), { encryptTo: key });
  assert.equal((await inspect(text)).cose, 'encrypt0');
  const trust = await createTrust(es256.publicKey);
  assert.equal((await decode(text, { trust, at: AT, decryptWith: key })).isVerified(), true);
});

test('other profiles, a key id and certificates are prepared too, and shown', async () => {
  const { signed, publicKey } = es256;
  const { der } = certificate({ subject: 'issuer', keys: es256.pair });
  const options = { algorithm: 'ES256', publicKey, keyId: 'k-1', certificates: [der] } as const;
  const { summary } = await prepare(IDENTITY, META, options);
  assert.equal(summary['cose.keyId'], 'k-1');
  const fingerprint = createHash('sha256').update(der).digest('hex');
  assert.equal(summary['cose.x5chain.0'], `certificate, ${der.length} bytes, sha256:${fingerprint}`);
  const stranger = prepare(IDENTITY, META, { ...options, certificates: [certificate({ subject: 'x' }).der] });
  await assert.rejects(stranger, failsWith('SIGNER_MISMATCH'));

  const mosip = await prepare(IDENTITY, META, {
    algorithm: 'ES256',
    publicKey,
    profile: 'mosip',
    keyId: 'k-1',
  });
  assert.equal(mosip.summary['cose.unprotected.keyId'], 'k-1');
  const read = await readPrepared(JSON.stringify(mosip));
  const { text } = await read.complete(signed(read.toBeSigned));
  const decoded = await decode(text, { trust: await createTrust(publicKey), at: AT, profile: 'mosip' });
  assert.equal(decoded.isVerified(), true);
});
