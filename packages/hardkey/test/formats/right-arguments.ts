// Arguments that each function of the formats takes, to be made wrong one at a time.
import type { TestContext } from 'node:test';
import { type Algorithm, createKeys, createTrust } from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import * as cose from 'hardkey/formats/cose';
import * as cwt from 'hardkey/formats/cwt';
import { signJws, signJwt } from 'hardkey/formats/jws';
import { formatSshPublicKey, signSshsig } from 'hardkey/formats/sshsig';
import { memory } from 'hardkey/providers/memory';
import * as made from '../support/certificates.ts';

/** Arguments by the name of the function. */
export type Arguments = Readonly<Record<string, readonly unknown[]>>;

const AT = new Date('2026-06-01T00:00:00Z');
const SECONDS = AT.getTime() / 1000;
const BYTES = Uint8Array.of(1, 2, 3);
const URI = 'https://issuer.example';
const STATUS = { index: 1, uri: `${URI}/list` };
const CLAIMS = { issuer: URI, subject: 'a', audience: 'b', expiresAt: SECONDS + 60, issuedAt: SECONDS };
const IDENTITY = { id: '1', gender: 2, face: [{ data: BYTES, format: 0, subFormat: 4 }] };
const EXPECTED = {
  audience: 'b',
  issuer: URI,
  subject: 'a',
  required: ['issuer'],
  maxAgeSeconds: 60,
} as const;
const TIMES = { at: AT, skewSeconds: 5 };
const CALL = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY, caller: 'a' };

/** Keys of every kind, which end with the test. */
async function keysFor(t: TestContext) {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const make = (algorithm: Algorithm) => keys.create(`memory:${algorithm}`, { algorithm });
  const key = await make('ES256');
  const signer = key.use('ES256');
  const { der } = made.signer({ subject: 'CN=a', keys: await made.pairOf(key) });
  return {
    signer,
    publicKey: signer.publicKey,
    trust: await createTrust(signer.publicKey),
    aead: (await make('A256GCM')).use('A256GCM'),
    wrapper: (await make('A256KW')).use('A256KW'),
    mac: (await make('HS256')).use('HS256'),
    certificates: await cose.signerCertificates(signer, { x5chain: [der] }),
    der,
    rsa: (await keys.create('memory:rsa', { algorithm: 'RSA-OAEP-256', bits: 2048 })).publicKey,
  };
}

type Keys = Awaited<ReturnType<typeof keysFor>>;

/** For every function that is exported, and, with a dot, for the methods of what some of them return. */
export async function rightArguments(t: TestContext): Promise<Arguments> {
  const keys = await keysFor(t);
  const { signer, publicKey, trust } = keys;
  const evidence = { nonce: BYTES, roots: trust, now: AT };
  return {
    ...(await coseArguments(keys)),
    ...(await cwtArguments(keys)),
    ...(await jwsArguments(keys)),
    ...(await sshArguments(keys)),
    ...(await claim169Arguments(keys)),
    createCertificateRequest: [{ signer, subject: 'CN=a', ...CALL }],
    verifyAttestation: [BYTES, { key: publicKey, ...evidence }],
    verifyQuote: [BYTES, evidence],
    createTrust: [[publicKey.toJwk()]],
  };
}

async function coseArguments({
  signer,
  publicKey,
  trust,
  aead,
  wrapper,
  mac,
  ...more
}: Keys): Promise<Arguments> {
  const { certificates, der, rsa } = more;
  const headers = { protectedHeaders: new Map([[3, 'text']]), unprotectedHeaders: new Map([[99, 1]]) };
  const externalAad = BYTES;
  const one = { signer, keyId: 'a', certificates, ...headers };
  const form = { externalAad, detached: false, tagged: true, ...CALL };
  const read = { tag: 'optional', deterministic: false, understood: [7] } as const;
  const opening = {
    trust,
    at: AT,
    signedAt: AT,
    issuedAt: () => undefined,
    resolveX5u: async () => [],
    ...read,
  };
  const sealing = { ...headers, externalAad, tagged: true, ...CALL };
  const unsealing = { ...read, externalAad, ...CALL };
  const reuse = { ageMs: 1000, messages: 9, bytes: 999 };
  const sealed = await cose.encryptEncrypt0(BYTES, aead, { externalAad });
  const apart = cose.detachContent(sealed);
  const waiting = cose.prepareSign1(BYTES, { signer, externalAad });
  const signature = await signer.sign(waiting.toBeSigned);
  const envelope = cose.createEnvelope(wrapper);
  const letter = await envelope.encrypt(BYTES, BYTES);
  return {
    attachContent: [apart.cose, apart.content],
    checkIssueTime: [certificates, SECONDS],
    completeSign1: [waiting.unsigned, signature, { publicKey, externalAad }],
    createEnvelope: [wrapper, { contentAlgorithm: 'A256GCM', reuse, keyOf: () => wrapper, now: () => 1 }],
    'createEnvelope.encrypt': [BYTES, BYTES, CALL],
    'createEnvelope.decrypt': [letter, BYTES, CALL],
    'createEnvelope.rewrap': [letter, CALL],
    decodeCose: [sealed, { tag: 'optional', deterministic: false }],
    decodeCoseKey: [publicKey.toCoseKey()],
    decodeCoseKeySet: [cose.encodeCoseKeySet([{ publicKey }])],
    decodeSign: [await cose.signSign(BYTES, [{ signer }]), read],
    decodeSign1: [await cose.signSign1(BYTES, { signer }), read],
    detachContent: [sealed],
    encodeCoseKey: [{ publicKey, keyId: 'a', algorithm: 'ES256' }],
    encodeCoseKeySet: [[{ publicKey, keyId: 'a', algorithm: 'ES256' }]],
    encryptEncrypt0: [BYTES, aead, { keyId: 'a', ...sealing }],
    encryptTo: [BYTES, [wrapper], { contentAlgorithm: 'A256GCM', allowService: false, ...sealing }],
    macMac0: [BYTES, mac, { ...headers, ...form }],
    macTo: [BYTES, [wrapper], { macAlgorithm: 'HS256', allowService: false, ...headers, ...form }],
    openEncrypt: [await cose.encryptTo(BYTES, [wrapper], { externalAad }), wrapper, unsealing],
    openEncrypt0: [sealed, aead, unsealing],
    openEncrypted: [sealed, aead, unsealing],
    openMac: [await cose.macTo(BYTES, [wrapper], { externalAad }), wrapper, unsealing],
    openMac0: [await cose.macMac0(BYTES, mac, { externalAad }), mac, unsealing],
    openSign: [await cose.signSign(BYTES, [{ signer }]), { ...opening, minimumSigners: 1 }],
    openSign1: [await cose.signSign1(BYTES, { signer }), opening],
    prepareSign1: [BYTES, { ...one, ...form }],
    readEnvelopeKey: [letter],
    signSign: [BYTES, [one], { ...form, ...headers }],
    signSign1: [BYTES, { ...one, ...form }],
    signatureStructure: [BYTES, BYTES, BYTES],
    signerCertificates: [signer, { x5chain: [der], x5t: true, x5bag: [der], x5u: URI }],
    signerStructure: [BYTES, BYTES, BYTES, BYTES],
    wrapperFor: [rsa],
    x509Parameters: [cose.decodeSign1(await cose.signSign1(BYTES, { signer, certificates })).headers],
  };
}

async function cwtArguments({ signer, publicKey, trust, certificates }: Keys): Promise<Arguments> {
  const others = new Map([cwt.statusEntry(STATUS), cwt.confirmationEntry(publicKey)]);
  const bytes = cwt.encodeCwt(CLAIMS, others);
  const decoded = cwt.decodeCwt(bytes);
  const confirmation = await cwt.confirmationOf(decoded);
  const token = await cwt.signCwt(CLAIMS, { signer, cwtTag: true, confirmation: publicKey, status: STATUS });
  const accept = { acceptStatus: () => true, acceptCwtId: () => true, holder: publicKey, time: 'report' };
  const form = {
    tag: 'optional',
    cwtTag: 'optional',
    deterministic: false,
    understood: [7],
    minimumSigners: 1,
  };
  return {
    checkConfirmation: [confirmation, publicKey],
    checkExpectations: [decoded, EXPECTED, TIMES],
    checkTimes: [CLAIMS, TIMES],
    confirmationEntry: [publicKey],
    confirmationOf: [decoded],
    decodeCwt: [bytes, { depth: 9, items: 99 }],
    encodeCwt: [CLAIMS, others],
    openCwt: [token, { trust, signedAt: AT, ...EXPECTED, ...TIMES, ...accept, ...form }],
    signCwt: [
      CLAIMS,
      { signer, certificates, status: STATUS, confirmation: publicKey, cwtTag: true, ...CALL },
    ],
    statusEntry: [STATUS],
    statusOf: [decoded],
    tagCwt: [await cose.signSign1(BYTES, { signer })],
    timeFailure: ['expired', { field: 'a' }, 'token'],
    untagCwt: [token, { deterministic: true }],
  };
}

async function jwsArguments({ signer, publicKey, trust, der }: Keys): Promise<Arguments> {
  const one = { signer, keyId: 'a', type: 'a', protectedHeaders: { a: 1 }, unprotectedHeaders: { b: 1 } };
  const judged = { trust, algorithms: ['ES256'], at: AT } as const;
  const claims = { a: 1 };
  const said = { issuer: URI, subject: 'a', audience: 'b', jwtId: 'c', notBefore: SECONDS, type: 'JWT' };
  const token = await signJwt(claims, { signer, expiresInSeconds: 60, at: AT, ...said });
  const certificates = [der];
  return {
    openJws: [await signJws(BYTES, { signer }), { ...judged, understood: ['a'], minimumSigners: 1 }],
    openJwt: [
      token,
      { ...judged, issuer: URI, audience: 'b', skewSeconds: 5, requiredClaims: ['iss'], time: 'report' },
    ],
    signGeneralJws: [BYTES, [one], { detached: false, unencoded: false, ...CALL }],
    signJws: [BYTES, { ...one, certificates, form: 'general', detached: false, unencoded: false, ...CALL }],
    signJwt: [claims, { signer, keyId: 'a', certificates, expiresInSeconds: 60, at: AT, ...said, ...CALL }],
    toJwks: [[publicKey, signer]],
  };
}

async function sshArguments({ signer, publicKey, trust }: Keys): Promise<Arguments> {
  const named = { signer, namespace: 'file', hash: 'sha256' } as const;
  const judged = { content: BYTES, trust, namespaces: ['file'], hashes: ['sha256'], at: AT, signedAt: AT };
  const line = formatSshPublicKey(publicKey, 'a');
  return {
    formatSshPublicKey: [publicKey, 'a'],
    importSshPublicKey: [line],
    isSshPublicKey: [line],
    openSshsig: [await signSshsig(BYTES, named), judged],
    parseAllowedSigners: [`a ${line}`],
    signSshsig: [BYTES, { ...named, ...CALL }],
    trustedSigners: [
      [{ principals: ['*'], namespaces: ['file'], publicKey }],
      { namespace: 'file', identity: 'a' },
    ],
  };
}

async function claim169Arguments({ signer, publicKey, trust, aead, certificates }: Keys): Promise<Arguments> {
  const meta = { ...CLAIMS, status: STATUS, confirmation: publicKey };
  const privateFields = claim169.createPrivateFields([
    { key: 24, name: 'a', type: claim169.privateType.text },
  ]);
  const plain = { compression: 'fast', errorLevel: 'L', ...CALL } as const;
  const finish = { ...plain, encryptionKeyId: 'a', allowService: false } as const;
  const named = { keyId: 'a', certificates, profile: '1.2.1', privateFields } as const;
  const encoding = { signer, ...named, ...finish } as const;
  const text = (await claim169.encode(IDENTITY, meta, encoding)).text;
  const sealed = (await claim169.encode(IDENTITY, meta, { ...encoding, encryptTo: aead })).text;
  const limits = { maxTextLength: 9999, maxDecompressedBytes: 9999 };
  const accept = { acceptStatus: () => true, acceptCwtId: () => true, holder: publicKey };
  const judged = {
    ...EXPECTED,
    ...TIMES,
    ...accept,
    ...limits,
    time: 'report',
    strict: false,
    privateFields,
  };
  const reading = {
    trust,
    issuers: { [URI]: trust },
    resolveX5u: async () => [],
    deterministic: false,
    ...judged,
  };
  const [sign, verify] = [claim169.signerCallback(signer), claim169.verifierCallback(trust, AT)];
  const [seal, open] = [claim169.encryptorCallback(aead), claim169.decryptorCallback(aead)];
  const waiting = await claim169.prepare(IDENTITY, meta, { algorithm: 'ES256', publicKey, ...named });
  const encoder = { subFormat: 4, encode: () => BYTES };
  const estimated = { algorithm: 'ES256', publicKey, ...named, encryptTo: aead } as const;
  const content = ['A256GCM', null, new Uint8Array(12), BYTES, BYTES] as const;
  const ciphered = await aead.encrypt(BYTES, BYTES);
  const data = ['ES256', new Uint8Array(), BYTES] as const;
  return {
    aeadFrom: [{ encryptor: seal, decryptor: open }, 'A256GCM', { keyId: 'a' }],
    createPrivateFields: [[{ key: 24, name: 'a', type: claim169.privateType.text }]],
    decode: [text, { ...reading, ...CALL }],
    decodeBase45: [text],
    decodeWithDecryptor: [sealed, open, { ...reading, ...CALL }],
    decodeWithVerifier: [text, verify, { ...judged, ...CALL }],
    decryptorCallback: [aead],
    'decryptorCallback()': [content[0], null, ciphered.nonce, BYTES, ciphered.ciphertext],
    decryptorFrom: [open, 'A256GCM', { keyId: 'a' }],
    encode: [IDENTITY, meta, { ...encoding, encryptTo: aead }],
    encodeAll: [[[IDENTITY, meta]], { ...encoding, concurrency: 2, failures: 'yield' }],
    encodeBase45: [BYTES],
    encodeWithEncryptor: [IDENTITY, meta, signer, seal, 'A256GCM', { ...named, ...plain }],
    encodeWithSigner: [IDENTITY, meta, sign, 'ES256', { publicKey, ...named, ...finish }],
    encodeWithSignerAndEncryptor: [
      IDENTITY,
      meta,
      sign,
      'ES256',
      seal,
      'A256GCM',
      { publicKey, ...named, ...plain },
    ],
    encryptorCallback: [aead],
    'encryptorCallback()': content,
    encryptorFrom: [seal, 'A256GCM', { keyId: 'a' }],
    estimateSize: [IDENTITY, meta, estimated],
    fitPhoto: [
      { id: '1' },
      meta,
      BYTES,
      { ...estimated, encoder, sides: [64], minQuality: 5, maxQuality: 9, maxBytes: 999 },
    ],
    identityFromCells: [{ id: '1', gender: '2' }],
    identityFromJson: [{ id: '1', private: { a: 'b' } }, privateFields],
    identityToJson: [
      { ...IDENTITY, photo: BYTES, private: { a: 'b' }, unknown: new Map([[99, BYTES]]) },
      privateFields,
    ],
    inspect: [text, limits],
    metaToJson: [meta],
    photoToFace: [{ photo: BYTES, photoFormat: 1 }],
    prepare: [IDENTITY, meta, { algorithm: 'ES256', publicKey, ...named }],
    'prepare.complete': [await signer.sign(waiting.toBeSigned), finish],
    qrCapacity: [9, 'L'],
    qrVersion: [text, 'L'],
    readPrepared: [JSON.stringify(waiting)],
    sharpPhotos: [() => undefined, { format: 'webp', grey: true }],
    signerCallback: [signer],
    'signerCallback()': data,
    signerFrom: [sign, 'ES256', { keyId: 'a', publicKey }],
    throwingVerifier: [() => undefined],
    verifierCallback: [trust, AT],
    'verifierCallback()': [...data, await signer.sign(BYTES)],
    verifyText: [text, reading],
  };
}
