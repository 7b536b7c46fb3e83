import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign as signNative } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { createKeys, createTrust, importPublicKey, isFailure, type PublicKey, parseKeyRef } from 'hardkey';
import { verifyAttestation, verifyQuote } from 'hardkey/formats/attestation';
import { createChallenge, type TpmConfig, type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { encodePem } from '../../../src/encoding/pem.ts';
import { decodeTpm, encodeTpm } from '../../../src/protocols/tpm/codec.ts';
import { decodeRequest, encodeRequest } from '../../../src/protocols/tpm/enrolment.ts';
import { decodeEvidence, encodeEvidence } from '../../../src/protocols/tpm/evidence.ts';
import { publicArea } from '../../../src/protocols/tpm/public-area.ts';
import { certificate, usage } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { type ForgingKey, forgeEvidence, UNRESTRICTED } from '../../support/forged-evidence.ts';
import { manufacture, type SwtpmOptions, swtpmFor } from '../../support/swtpm.ts';
import { secretOf, specOf } from './support.ts';

const skip = component('swtpm').missing ?? false;
const REF = 'tpm:handle=0x81000100';
const nonce: Uint8Array = new TextEncoder().encode('what nobody could know');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function providerFor(
  t: TestContext,
  config: Omit<TpmConfig, 'device'> = {},
  options?: SwtpmOptions,
): Promise<TpmProvider> {
  const swtpm = await swtpmFor(t, options);
  const provider = tpm({ device: swtpm.device, ...config });
  t.after(() => provider.close());
  return provider;
}

/** A key of a TPM, evidence of it, and the key that speaks for that TPM. */
async function attestedBy(provider: TpmProvider): Promise<{
  readonly key: PublicKey;
  readonly evidence: Uint8Array;
  readonly root: PublicKey;
}> {
  const { publicKey, attest } = (await provider.create?.(parseKeyRef(REF), { algorithm: 'ES256' })) ?? {};
  assert.ok(publicKey !== undefined && attest !== undefined);
  return { key: publicKey, evidence: await attest({ nonce }), root: await provider.attestationKey() };
}

test('evidence proves where a key lives, to whoever pinned the key that attests', { skip }, async (t) => {
  const provider = await providerFor(t);
  const { key, evidence, root } = await attestedBy(provider);
  const proved = await verifyAttestation(evidence, { key, nonce, roots: root.toPem() });
  assert.equal(proved.key.fingerprint, key.fingerprint);
  assert.equal(proved.attestationKey.fingerprint, root.fingerprint);
  const { place, level, facts } = proved.custody;
  assert.deepEqual([place, level], ['tpm', 'attested']);
  assert.deepEqual(
    ['fixedTPM', 'fixedParent', 'sensitiveDataOrigin', 'statement'].map((name) => facts[name]),
    [true, true, true, 'certify'],
  );
  assert.ok(proved.checks.every(({ passed }) => passed));
  assert.deepEqual(
    proved.checks.map(({ name }) => name).filter((name) => name.startsWith('attestation.')),
    [
      'attestation.nonce',
      'attestation.attestation-key',
      'attestation.key',
      'attestation.name',
      'attestation.attributes',
    ],
  );
});

test('a key also gives evidence behind the policies, bound to registers, in a file, with a value, and of RSA', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const provider = tpm({ device: swtpm.device, auth: secretOf('1234') });
  const keys = createKeys([provider]);
  t.after(() => keys.close());
  const root = await provider.attestationKey();
  const bound = tpm({ device: swtpm.device, auth: secretOf('1234'), pcrs: 'sha256:7' });
  t.after(() => bound.close());
  for (const at of ['handle=0x81000103', `file=${swtpm.state}/bound.pem`]) {
    const key = await bound.create?.(parseKeyRef(`tpm:${at}`), { algorithm: 'ES256' });
    assert.ok(key?.publicKey !== undefined && key.attest !== undefined);
    const { custody } = await verifyAttestation(await key.attest({ nonce }), {
      key: key.publicKey,
      nonce,
      roots: [root],
    });
    assert.equal(custody.facts['policy'], true);
  }
  for (const [algorithm, at] of [
    ['ES384', 'handle=0x81000101'],
    ['RS256', `file=${swtpm.state}/rsa.pem`],
    ['RSA-OAEP-256', 'handle=0x81000102'],
    ['ECDH-ES+A128KW', `file=${swtpm.state}/agree.pem`],
  ] as const) {
    const key = await keys.create(`tpm:${at}`, specOf(algorithm));
    assert.ok(key.publicKey !== undefined && key.attest !== undefined);
    const evidence = await key.attest({ nonce });
    await verifyAttestation(evidence, { key: key.publicKey, nonce, roots: [root] });
  }
});

test('the key that attests is the same after the TPM was off', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  const provider = tpm({ device: swtpm.device });
  t.after(() => provider.close());
  const before = await provider.attestationKey();
  await swtpm.kill();
  await swtpm.start();
  assert.equal((await provider.attestationKey()).fingerprint, before.fingerprint);
});

test('another nonce, another key and another root are refused', { skip }, async (t) => {
  const [here, there] = [await attestedBy(await providerFor(t)), await attestedBy(await providerFor(t))];
  const { key, evidence, root } = here;
  const good = { key, nonce, roots: root };
  await verifyAttestation(evidence, good);
  const refused = (changed: Partial<typeof good>, check: string): Promise<void> =>
    assert.rejects(
      verifyAttestation(evidence, { ...good, ...changed }),
      failsWith('VERIFICATION_FAILED', { check }),
    );
  await refused({ nonce: nonce.subarray(1) }, 'attestation.nonce');
  await refused({ nonce: new Uint8Array() }, 'attestation.nonce');
  await refused({ nonce: bytesOf('what somebody else chose') }, 'attestation.nonce');
  // JavaScript lets it be left out.
  await assert.rejects(
    verifyAttestation(evidence, { key, roots: root } as never),
    failsWith('ARGUMENT_INVALID', { field: 'nonce' }),
  );
  await refused({ key: there.key }, 'attestation.key');
  await refused({ key: root }, 'attestation.key');
  await refused({ roots: there.root }, 'signature');
  await refused({ roots: key }, 'signature');
});

test('every changed bit is refused', { skip }, async (t) => {
  const provider = await providerFor(t);
  const { key, evidence, root } = await attestedBy(provider);
  const { evidence: creation } = await provider.createAttested(
    parseKeyRef('tpm:handle=0x81000101'),
    { algorithm: 'ES256' },
    { nonce },
  );
  const quoted = await provider.quote({ nonce, pcrs: 'sha256:0,7' });
  const roots = await createTrust(root);
  const codes = ['VERIFICATION_FAILED', 'MALFORMED', 'UNSUPPORTED'];
  type Evidence = readonly [string, Uint8Array, (changed: Uint8Array) => Promise<unknown>];
  const all: readonly Evidence[] = [
    ['a key', evidence, (changed: Uint8Array) => verifyAttestation(changed, { key, nonce, roots })],
    ['a creation', creation, (changed: Uint8Array) => verifyAttestation(changed, { key, nonce, roots })],
    ['a quote', quoted, (changed: Uint8Array) => verifyQuote(changed, { nonce, roots })],
  ];
  for (const [name, bytes, check] of all) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const outcome = await check(changed).then(
        () => 'accepted',
        (error: unknown) => (isFailure(error) ? error.code : error),
      );
      assert.ok(codes.includes(String(outcome)), `${name}, bit ${bit}: ${String(outcome)}`);
    }
  }
});

test('a key that the TPM made says so, with the circumstances', { skip }, async (t) => {
  const provider = await providerFor(t);
  const { key, evidence } = await provider.createAttested(
    parseKeyRef(REF),
    { algorithm: 'ES384' },
    { nonce },
  );
  assert.ok(key.publicKey !== undefined);
  const good = { key: key.publicKey, nonce, roots: await provider.attestationKey() };
  const { custody } = await verifyAttestation(evidence, good);
  assert.equal(custody.facts['statement'], 'creation');
  const { creationData: _, ...without } = decodeEvidence(evidence);
  await assert.rejects(
    verifyAttestation(encodeEvidence(without), good),
    failsWith('VERIFICATION_FAILED', { check: 'attestation.creation' }),
  );
});

test('a quote proves what registers hold, and is no evidence of a key', { skip }, async (t) => {
  const provider = await providerFor(t);
  const roots = await provider.attestationKey();
  const all = `sha256:${Array.from({ length: 24 }, (_, at) => at).join()}`;
  for (const [pcrs, count] of [
    ['sha256:0,7', 2],
    ['sha1:1+sha384:23', 2],
    [all, 24],
  ] as const) {
    const evidence = await provider.quote({ nonce, pcrs });
    const { registers } = await verifyQuote(evidence, { nonce, roots });
    assert.equal(registers.length, count);
    const [first] = registers;
    assert.deepEqual(first, {
      bank: pcrs.split(':')[0],
      index: pcrs.startsWith('sha1') ? 1 : 0,
      value: first?.value,
    });
    // Those for the operating system begin with zeros, those that only hardware resets with ones (PC Client PTP §3.7.1).
    assert.ok(
      registers.every(({ index, value }) =>
        value.every((byte) => byte === (index > 16 && index < 23 ? 0xff : 0)),
      ),
    );
    await assert.rejects(
      verifyAttestation(evidence, { key: roots, nonce, roots }),
      failsWith('VERIFICATION_FAILED', { check: 'attestation.kind' }),
    );
  }
  const { evidence } = await attestedBy(provider);
  await assert.rejects(
    verifyQuote(evidence, { nonce, roots }),
    failsWith('VERIFICATION_FAILED', { check: 'attestation.kind' }),
  );
  const quoted = decodeEvidence(await provider.quote({ nonce, pcrs: 'sha256:0,7' }));
  const [value = new Uint8Array()] = quoted.pcrValues ?? [];
  await assert.rejects(
    verifyQuote(encodeEvidence({ ...quoted, pcrValues: [value, value.map(() => 1)] }), { nonce, roots }),
    failsWith('VERIFICATION_FAILED', { check: 'attestation.registers' }),
  );
  await assert.rejects(
    provider.quote({ nonce, pcrs: 'sha256:24' }),
    failsWith('ARGUMENT_INVALID', { field: 'pcrs' }),
  );
});

test('a nonce has 1 to 64 bytes', { skip }, async (t) => {
  const provider = await providerFor(t);
  const key = await provider.create?.(parseKeyRef(REF), { algorithm: 'ES256' });
  for (const length of [0, 65]) {
    await assert.rejects(
      key?.attest?.({ nonce: new Uint8Array(length) }) ?? Promise.resolve(),
      failsWith('ARGUMENT_INVALID', { field: 'nonce' }),
    );
  }
  const longest = new Uint8Array(64).fill(7);
  const evidence = await key?.attest?.({ nonce: longest });
  assert.ok(key?.publicKey !== undefined && evidence !== undefined);
  await verifyAttestation(evidence, {
    key: key.publicKey,
    nonce: longest,
    roots: await provider.attestationKey(),
  });
});

test('a certificate for the key that attests leads to a root, if it is for that purpose', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const plain = tpm({ device: swtpm.device });
  const publicKey = createPublicKey((await plain.attestationKey()).toPem());
  const keys = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), publicKey };
  const root = certificate({ subject: 'root', ca: true, keyUsage: usage.certSign });
  const issue = (extKeyUsage: readonly string[]): Uint8Array =>
    certificate({ subject: 'TPM 7', issuer: root, keys, keyUsage: usage.digitalSignature, extKeyUsage }).der;
  const { key, evidence } = await attestedBy(plain);
  await plain.close();
  const roots = encodePem('CERTIFICATE', root.der);
  const attesting = async (certificates: readonly Uint8Array[]): Promise<Uint8Array> => {
    const provider = tpm({ device: swtpm.device, attestationCertificates: certificates });
    try {
      const again = await provider.open(parseKeyRef(REF));
      return (await again.attest?.({ nonce })) ?? new Uint8Array();
    } finally {
      await provider.close();
    }
  };
  const right = await attesting([issue(['2.23.133.8.3'])]);
  const { checks } = await verifyAttestation(right, { key, nonce, roots });
  assert.ok(checks.some(({ name }) => name === 'x509.root'));
  // Whoever has a certificate of the same authority for a web server could sign any statement.
  await assert.rejects(
    verifyAttestation(await attesting([issue(['1.3.6.1.5.5.7.3.1'])]), { key, nonce, roots }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.ext-key-usage' }),
  );
  await assert.rejects(
    verifyAttestation(evidence, { key, nonce, roots }),
    failsWith('VERIFICATION_FAILED', { check: 'attestation.root' }),
  );
  const other = certificate({ subject: 'other', ca: true, keyUsage: usage.certSign });
  await assert.rejects(
    verifyAttestation(right, { key, nonce, roots: encodePem('CERTIFICATE', other.der) }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.root' }),
  );
});

/** A key in a program, that plays a key which attests. */
async function forger(): Promise<ForgingKey & { readonly publicKey: PublicKey }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    publicKeyPem,
    publicKey: await importPublicKey(publicKeyPem),
    sign: (message) => signNative('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

test('a forged statement is refused, also with the certificate of a real TPM beside it', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-tpm-maker-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { state, roots } = manufacture(folder);
  const provider = await providerFor(t, {}, { from: state });
  const [endorsement = new Uint8Array()] = await provider.endorsementCertificates();
  const { key } = await attestedBy(provider);
  const { publicKey: signer, ...program } = await forger();
  const evidence = await forgeEvidence(program, key, nonce);
  const withMaker = encodeEvidence({ ...decodeEvidence(evidence), certificates: [endorsement] });
  for (const bytes of [evidence, withMaker]) {
    for (const root of [roots, await provider.attestationKey()]) {
      await assert.rejects(verifyAttestation(bytes, { key, nonce, roots: root }), (error) =>
        isFailure(error, 'VERIFICATION_FAILED'),
      );
    }
  }
  // The same statement counts for whoever pinned the program's key: the key that is trusted is all there is to it.
  await verifyAttestation(evidence, { key, nonce, roots: signer });
  // An unrestricted key would sign anything.
  const free = await forgeEvidence(program, key, nonce, UNRESTRICTED);
  await assert.rejects(
    verifyAttestation(free, { key, nonce, roots: signer }),
    failsWith('VERIFICATION_FAILED', { check: 'attestation.attestation-key' }),
  );
});

test('a TPM that its maker certified enrols, and no other answers for it', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-tpm-maker-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { state, roots } = manufacture(folder);
  const provider = await providerFor(t, {}, { from: state });
  const other = await providerFor(t);
  assert.equal((await provider.endorsementCertificates()).length, 1);
  assert.deepEqual(await other.endorsementCertificates(), []);
  const request = await provider.enrolmentRequest();
  const { challenge, secret, attestationKey } = await createChallenge(request, { roots });
  assert.deepEqual(await provider.answerChallenge(challenge), secret);
  assert.equal(attestationKey.fingerprint, (await provider.attestationKey()).fingerprint);
  await assert.rejects(
    other.answerChallenge(challenge),
    failsWith('DENIED', { operation: 'TPM2_ActivateCredential' }),
  );
  // A request with a key of the other TPM, or of a program, gets a challenge that nobody can answer.
  const foreign = decodeRequest(await other.enrolmentRequest());
  const mixed = encodeRequest({ ...decodeRequest(request), attestationKey: foreign.attestationKey });
  const mixedUp = await createChallenge(mixed, { roots });
  for (const one of [provider, other]) {
    await assert.rejects(one.answerChallenge(mixedUp.challenge), failsWith('DENIED'));
  }
});

test('a challenge is made for certified endorsement keys and keys that attest only', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-tpm-maker-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const { state, roots } = manufacture(folder);
  const provider = await providerFor(t, {}, { from: state });
  const other = await providerFor(t);
  const request = decodeRequest(await provider.enrolmentRequest());
  const foreign = decodeRequest(await other.enrolmentRequest());
  const refused = (changed: Partial<typeof request>, check: string): Promise<void> =>
    assert.rejects(
      createChallenge(encodeRequest({ ...request, ...changed }), { roots }),
      failsWith('VERIFICATION_FAILED', { check }),
    );
  const { certificate: _, ...uncertified } = request;
  await assert.rejects(
    createChallenge(encodeRequest(uncertified), { roots }),
    failsWith('VERIFICATION_FAILED', { check: 'enrolment.certificate' }),
  );
  await refused({ endorsementKey: foreign.endorsementKey }, 'enrolment.certificate');
  const area = decodeTpm(publicArea, request.attestationKey, 'area');
  const free = encodeTpm(publicArea, { ...area, objectAttributes: UNRESTRICTED });
  await refused({ attestationKey: free }, 'enrolment.attributes');
  const stranger = certificate({ subject: 'other', ca: true, keyUsage: usage.certSign });
  await assert.rejects(
    createChallenge(encodeRequest(request), { roots: encodePem('CERTIFICATE', stranger.der) }),
    failsWith('VERIFICATION_FAILED', { check: 'x509.root' }),
  );
  await assert.rejects(createChallenge(new Uint8Array(3), { roots }), failsWith('MALFORMED'));
});
