// One document, opened by keys that live in different places, all through the same interface.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKeys, type KeyProvider, type KeyWrapper, type WrapAlgorithm } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { createEnvelope, encryptTo, openEncrypt } from 'hardkey/formats/cose';
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

async function inGoogle(): Promise<readonly [KeyProvider, string]> {
  const { address } = await gcpEmulator();
  return [gcpKms({ endpoint: `http://${address}` }), unusedInGoogle()];
}

async function inAzure(): Promise<readonly [KeyProvider, string]> {
  useAzureEnvironment(await emulator());
  const config = await azureConfig();
  return [azureKv(config), unusedInAzure(config.vaultUrl)];
}

test('one credential and one envelope are unwrapped by every cloud, SoftHSM2, a file and this process alike', {
  skip,
}, async (t) => {
  const token = softToken(t);
  const places: readonly Place[] = [
    [...inVault('reader'), 'RSA-OAEP-256'],
    [...inVault('service'), 'service'],
    [awsKms({ ...PATIENT, endpoint: await ministack() }), unused(), 'RSA-OAEP-256'],
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
    const key = await keys.create(ref, {
      algorithm,
      ...(algorithm === 'RSA-OAEP-256' ? { bits: 2048 } : {}),
    });
    wrappers.push(key.use(algorithm));
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

test('an envelope of Transit says the version, opens after a rotation, and is wrapped again', {
  skip,
}, async (t) => {
  const [provider, ref] = inVault('rotating');
  const keys = createKeys([provider]);
  t.after(() => keys.close());
  const first = (await keys.create(ref, { algorithm: 'service' })).use('service');
  const sealed = await createEnvelope(first).encrypt(utf8('old'), utf8(''));
  const second = (await keys.rotate(ref)).use('service');
  const envelope = createEnvelope(second, {
    keyOf: async ({ keyId, algorithm }) => {
      assert.deepEqual([keyId, algorithm], [`${ref}?version=1`, 'service']);
      return (await keys.open(keyId)).use('service');
    },
  });
  assert.deepEqual(await envelope.decrypt(sealed, utf8('')), utf8('old'));
  const again = await envelope.rewrap(sealed);
  assert.deepEqual(await createEnvelope(second).decrypt(again, utf8('')), utf8('old'));
  await bao.admin('POST', 'transit/keys/rotating/config', { min_decryption_version: 2 });
  assert.deepEqual(await createEnvelope(second).decrypt(again, utf8('')), utf8('old'));
  await assert.rejects(createEnvelope(first).decrypt(sealed, utf8('')), { code: 'DENIED' });
});
