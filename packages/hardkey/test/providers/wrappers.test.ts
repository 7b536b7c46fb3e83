// One document, opened by keys that live in different places, all through the same interface.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  createKeys,
  type Key,
  type KeyProvider,
  type KeySpec,
  type KeyWrapper,
  type WrapAlgorithm,
} from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { createEnvelope, encryptTo, openEncrypt, readEnvelopeKey } from 'hardkey/formats/cose';
import { awsKms } from 'hardkey/providers/aws-kms';
import { azureKv } from 'hardkey/providers/azure-kv';
import { file } from 'hardkey/providers/file';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { memory } from 'hardkey/providers/memory';
import { vault } from 'hardkey/providers/vault';
import { Secret } from 'hardkey/secrets';
import { utf8 } from '../../src/encoding/bytes.ts';
import { AT, issuerFor, META } from '../formats/claim169/support.ts';
import { awsServers, ministack, moto, PATIENT } from '../support/aws.ts';
import { azureConfig, emulator, unused as unusedInAzure, useAzureEnvironment } from '../support/azure.ts';
import { gcpEmulator } from '../support/gcp.ts';
import { missingBao, noBao, startBao } from '../support/openbao.ts';
import { PATIENTLY, unused } from './aws-kms/subject.ts';
import { unused as unusedInGoogle } from './gcp-kms/subject.ts';
import { missingForTokens, softToken } from './pkcs11/support.ts';

const missing = missingBao() ?? awsServers.missing ?? missingForTokens('softhsm2');
const skip = missing ?? false;
const bao = missing === undefined ? await startBao({ after }) : noBao;

/** A place where keys live: a provider, a reference to a new key of it, and what it wraps by. */
type Place = readonly [provider: KeyProvider, ref: string, algorithm: WrapAlgorithm];

function inVault(name: string): readonly [KeyProvider, string] {
  const token = async () => new Secret(utf8(bao.root));
  return [vault({ address: bao.address, token }), `hashivault://${name}`];
}

function inFile(): readonly [KeyProvider, string] {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-wrap-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return [file({ store: folder, passphrase: async () => new Secret(utf8('of the test')) }), 'file:reader'];
}

async function inAws(): Promise<KeyProvider> {
  return awsKms({ ...PATIENT, endpoint: await ministack() });
}

async function inGoogle(): Promise<readonly [KeyProvider, string]> {
  const { address } = await gcpEmulator();
  return [gcpKms({ endpoint: `http://${address}` }), unusedInGoogle()];
}

async function inAzure(): Promise<readonly [KeyProvider, string]> {
  useAzureEnvironment(await emulator());
  const config = await azureConfig();
  return [azureKv(config), unusedInAzure(config.vaultUrl)];
}

/** RSA keys no longer than they must be: to make one takes a second. */
function specOf(algorithm: WrapAlgorithm): KeySpec {
  return algorithm === 'RSA-OAEP-256' ? { algorithm, bits: 2048 } : { algorithm };
}

test('one credential and one envelope are unwrapped by every cloud, SoftHSM2, a file and this process alike', {
  skip,
}, async (t) => {
  const token = softToken(t);
  const places: readonly Place[] = [
    [...inVault('reader'), 'RSA-OAEP-256'],
    [...inVault('service'), 'service'],
    [await inAws(), unused(), 'RSA-OAEP-256'],
    [awsKms({ ...PATIENT, endpoint: await moto() }), unused(), 'service'],
    [...(await inGoogle()), 'RSA-OAEP-256'],
    [...(await inGoogle()), 'service'],
    [...(await inAzure()), 'RSA-OAEP-256'],
    [token.provider(), token.ref('reader'), 'A256KW'],
    [...inFile(), 'RSA-OAEP-256'],
    [memory(), 'memory:reader', 'A128KW'],
  ];
  const wrappers: KeyWrapper[] = [];
  for (const [provider, ref, algorithm] of places) {
    const keys = createKeys([provider], PATIENTLY);
    t.after(() => keys.close());
    wrappers.push((await keys.create(ref, specOf(algorithm))).use(algorithm));
  }
  const plaintext = utf8('for all of them');
  const sealed = await encryptTo(plaintext, wrappers, { allowService: true });
  const { signer, trust } = await issuerFor(t);
  const identity = { id: '1', fullName: 'Ada' };
  const { text } = await encode(identity, META, { signer, encryptTo: wrappers, allowService: true });
  for (const wrapper of wrappers) {
    assert.deepEqual(await openEncrypt(sealed, wrapper, { allowService: true }), plaintext);
    const decoded = await decode(text, { trust, at: AT, decryptWith: wrapper, allowService: true });
    assert.deepEqual([decoded.identity, decoded.isVerified()], [identity, true]);
    const envelope = createEnvelope(wrapper);
    const own = await envelope.encrypt(plaintext, utf8('bound'));
    assert.deepEqual(await envelope.decrypt(own, utf8('bound')), plaintext);
  }
});

for (const [where, placeOf] of [
  ['Transit', async () => inVault('drawing')],
  ['AWS KMS', async () => [awsKms({ ...PATIENT, endpoint: await moto() }), unused()]],
] as const satisfies readonly (readonly [string, () => Promise<readonly [KeyProvider, string]>])[]) {
  test(`an envelope takes a data key that the service drew: ${where}`, { skip }, async (t) => {
    const [provider, ref] = await placeOf();
    const keys = createKeys([provider], PATIENTLY);
    t.after(() => keys.close());
    const wrapper = (await keys.create(ref, { algorithm: 'service' })).use('service');
    const wrapped: Uint8Array[] = [];
    const envelope = createEnvelope(
      {
        ...wrapper,
        wrap: () => assert.fail('nothing is drawn here'),
        unwrap: (bytes, options) => {
          wrapped.push(bytes);
          return wrapper.unwrap(bytes, options);
        },
      },
      { dataKeys: 'service', contentAlgorithm: 'A128GCM' },
    );
    const sealed = await Promise.all([1, 2].map(() => envelope.encrypt(utf8('text'), utf8('bound'))));
    for (const one of sealed) {
      assert.deepEqual(await envelope.decrypt(one, utf8('bound')), utf8('text'));
      assert.deepEqual(await createEnvelope(wrapper).decrypt(one, utf8('bound')), utf8('text'));
      await assert.rejects(envelope.decrypt(one, utf8('other')), { code: 'DECRYPTION_FAILED' });
    }
    assert.equal(new Set(wrapped.map(String)).size, 2, 'each message has a key of its own');
  });
}

test('a key that draws no data keys is UNSUPPORTED where it is to', { skip }, async (t) => {
  const places: readonly Place[] = [
    [...inVault('public'), 'RSA-OAEP-256'],
    [...(await inGoogle()), 'service'],
  ];
  for (const [provider, ref, algorithm] of places) {
    const keys = createKeys([provider], PATIENTLY);
    t.after(() => keys.close());
    const wrapper = (await keys.create(ref, specOf(algorithm))).use(algorithm);
    assert.throws(() => createEnvelope(wrapper, { dataKeys: 'service' }), {
      code: 'UNSUPPORTED',
      details: { algorithm, field: 'dataKeys' },
    });
  }
});

/** Places whose keys rotate into other ones. */
const ROTATING: Readonly<Record<string, () => Promise<Place>>> = {
  'Transit, service': async () => [...inVault('rotating'), 'service'],
  'Transit, RSA-OAEP-256': async () => [...inVault('rotating-rsa'), 'RSA-OAEP-256'],
  'AWS KMS, RSA-OAEP-256': async () => [await inAws(), unused(), 'RSA-OAEP-256'],
  'Google Cloud KMS, service': async () => [...(await inGoogle()), 'service'],
  'Google Cloud KMS, RSA-OAEP-256': async () => [...(await inGoogle()), 'RSA-OAEP-256'],
  'Azure Key Vault, RSA-OAEP-256': async () => [...(await inAzure()), 'RSA-OAEP-256'],
};

for (const [where, placeOf] of Object.entries(ROTATING)) {
  test(`an envelope says the version, opens after a rotation, and is wrapped again: ${where}`, {
    skip,
  }, async (t) => {
    const [provider, ref, name] = await placeOf();
    const keys = createKeys([provider], PATIENTLY);
    t.after(() => keys.close());
    const first = await keys.create(ref, specOf(name));
    const sealed = await createEnvelope(first.use(name)).encrypt(utf8('old'), utf8(''));
    const second = await keys.rotate(ref);
    const nameOf = ({ id, ref: pinned }: Key): string => (name === 'service' ? String(pinned) : id);
    assert.notEqual(nameOf(second), nameOf(first));
    assert.deepEqual(readEnvelopeKey(sealed), { algorithm: name, keyId: nameOf(first) });
    const envelope = createEnvelope(second.use(name), {
      keyOf: async ({ keyId }) => {
        assert.equal(keyId, nameOf(first));
        return (await keys.open(first.ref)).use(name);
      },
    });
    assert.deepEqual(await envelope.decrypt(sealed, utf8('')), utf8('old'));
    const again = await envelope.rewrap(sealed);
    assert.deepEqual(readEnvelopeKey(again), { algorithm: name, keyId: nameOf(second) });
    // With the new version alone, and the old one alone.
    const [before, after] = [createEnvelope(first.use(name)), createEnvelope(second.use(name))];
    assert.deepEqual(await after.decrypt(again, utf8('')), utf8('old'));
    await assert.rejects(before.decrypt(again, utf8('')), { code: 'DECRYPTION_FAILED' });
  });
}

test('an envelope of AWS opens after its key took other material, and needs no other wrapping', {
  skip,
}, async (t) => {
  const keys = createKeys([awsKms({ ...PATIENT, endpoint: await moto() })], PATIENTLY);
  t.after(() => keys.close());
  const ref = unused();
  const first = await keys.create(ref, { algorithm: 'service' });
  const sealed = await createEnvelope(first.use('service')).encrypt(utf8('old'), utf8(''));
  const second = await keys.rotate(ref);
  assert.equal(String(second.ref), String(first.ref));
  const envelope = createEnvelope(second.use('service'));
  assert.deepEqual(await envelope.decrypt(sealed, utf8('')), utf8('old'));
  assert.equal(await envelope.rewrap(sealed), sealed);
});

test('what Transit wrapped anew opens when the version before has ended, and nothing else does', {
  skip,
}, async (t) => {
  const [provider, ref] = inVault('ending');
  const keys = createKeys([provider]);
  t.after(() => keys.close());
  const first = (await keys.create(ref, { algorithm: 'service' })).use('service');
  const sealed = await createEnvelope(first).encrypt(utf8('old'), utf8(''));
  const second = (await keys.rotate(ref)).use('service');
  const again = await createEnvelope(second, { keyOf: () => first }).rewrap(sealed);
  await bao.admin('POST', 'transit/keys/ending/config', { min_decryption_version: 2 });
  assert.deepEqual(await createEnvelope(second).decrypt(again, utf8('')), utf8('old'));
  await assert.rejects(createEnvelope(first).decrypt(sealed, utf8('')), { code: 'DENIED' });
});
