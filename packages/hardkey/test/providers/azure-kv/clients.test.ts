import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { parseKeyRef } from 'hardkey';
import { azureKv, type CryptographyClient, type KeyClient } from 'hardkey/providers/azure-kv';

test('clients of versions are made once, and no more of them kept than there is room for', async () => {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');
  const key = { kty: 'EC', crv: 'P-256', x: bytes(x), y: bytes(y) };
  const made: string[] = [];
  const cryptography = { sign: async () => ({ result: new Uint8Array(64) }) };
  const unused = async (): Promise<never> => assert.fail();
  const none = async function* (): AsyncIterable<never> {};
  const client: KeyClient = {
    vaultUrl: 'https://example.vault.azure.net',
    async getKey(name) {
      const id = `https://example.vault.azure.net/keys/${name}/1`;
      return { id, key, keyOperations: ['sign'] };
    },
    createKey: unused,
    updateKeyProperties: unused,
    rotateKey: unused,
    beginDeleteKey: unused,
    listPropertiesOfKeys: none,
    listPropertiesOfKeyVersions: none,
    getCryptographyClient(name) {
      made.push(name);
      return cryptography as unknown as CryptographyClient;
    },
  };
  const provider = azureKv({ client });
  const sign = async (name: string): Promise<unknown> =>
    (await provider.open(parseKeyRef(`azurekms://example.vault.azure.net/${name}`)))
      .use('ES256')
      .sign(new Uint8Array());
  for (let at = 0; at <= 1024; at++) await sign(`k${at}`);
  await sign('k1024');
  assert.equal(made.length, 1025);
  await sign('k0');
  assert.deepEqual(made.slice(1024), ['k1024', 'k0']);
  await provider.close();
});
