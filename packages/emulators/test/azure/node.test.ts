// The official clients of Node.js, as the documents say how to point them here.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { after, test } from 'node:test';
import { ClientSecretCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { startAzureKeyVault } from '@hardkey/emulators';

const MESSAGE = Buffer.from('a message');
const DIGEST = createHash('sha256').update(MESSAGE).digest();

const emulator = await startAzureKeyVault();
after(() => emulator.close());

const options = {
  disableChallengeResourceVerification: true,
  tlsOptions: { ca: emulator.ca },
  retryOptions: { maxRetries: 0 },
};
const credential = credentialOf(emulator.clientId, emulator.clientSecret);
const keys = new KeyClient(emulator.vaultUrl, credential, options);

function credentialOf(id: string, secret: string): ClientSecretCredential {
  return new ClientSecretCredential(emulator.tenantId, id, secret, {
    authorityHost: emulator.authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: emulator.ca },
    retryOptions: { maxRetries: 0 },
  });
}

test('the client of Node.js makes a key, signs and is answered r‖s (Keys - Sign; RFC 7518 §3.4)', async () => {
  const { id = '', key = {} } = await keys.createEcKey('signing', { curve: 'P-256' });
  assert.match(id, new RegExp(`^${emulator.vaultUrl}/keys/signing/[0-9a-f]{32}$`));
  const { result } = await new CryptographyClient(id, credential, options).sign('ES256', DIGEST);
  const [x = '', y = ''] = [key.x, key.y].map((one) => Buffer.from(one ?? []).toString('base64url'));
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  assert.ok(verify('sha256', MESSAGE, { key: publicKey, dsaEncoding: 'ieee-p1363' }, result));
});

test('the client of Node.js opens in the vault what it sealed outside (Keys - Decrypt)', async () => {
  const key = await keys.createRsaKey('sealing', { keySize: 2048 });
  const crypto = new CryptographyClient(key, credential, options);
  const { result } = await crypto.wrapKey('RSA-OAEP-256', MESSAGE);
  const opened = await crypto.unwrapKey('RSA-OAEP-256', result);
  assert.deepEqual(Buffer.from(opened.result), MESSAGE);
});

test('refusals have their status and code for the client of Node.js (rest-error-codes)', async () => {
  await assert.rejects(keys.getKey('absent'), { statusCode: 404, code: 'KeyNotFound' });
  emulator.addClient({ id: 'reader', secret: 's', roles: ['Key Vault Reader'] });
  const reader = new KeyClient(emulator.vaultUrl, credentialOf('reader', 's'), options);
  await assert.rejects(reader.createEcKey('k'), { statusCode: 403, code: 'Forbidden' });
});

test('an untrusted authority is an error of TLS for the client of Node.js (RFC 5280 §6)', async () => {
  const { tlsOptions: _, ...untrusting } = options;
  const stranger = new KeyClient(emulator.vaultUrl, credential, untrusting);
  await assert.rejects(stranger.getKey('k'), { code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/ });
});

test('a role that is none is refused when it is given', () => {
  for (const role of ['Key Vault Crypto Wizard', 'toString']) {
    const wrong = { id: 'x', secret: 's', roles: [role] };
    assert.throws(() => emulator.addClient(wrong), { name: 'TypeError', message: new RegExp(role) });
  }
});
