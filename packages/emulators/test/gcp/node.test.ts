// The official client of Node.js, as the documents say how to point it here.
import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, test } from 'node:test';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { credentials } from '@grpc/grpc-js';
import { startGcpKms } from '@hardkey/emulators';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';

const LOCATION = 'projects/p/locations/global';
const MESSAGE = Buffer.from('a message');

const emulator = await startGcpKms();
const secure = await startGcpKms({ tls: true });
const here = { apiEndpoint: '127.0.0.1', projectId: 'p', universeDomain: 'googleapis.com' };
const sslCreds = credentials.createSsl(Buffer.from(secure.ca ?? ''));
const clients = {
  gRPC: new KeyManagementServiceClient({
    ...here,
    port: emulator.port,
    sslCreds: credentials.createInsecure(),
  }),
  'gRPC over TLS': new KeyManagementServiceClient({ ...here, port: secure.port, sslCreds }),
  REST: new KeyManagementServiceClient({
    apiEndpoint: '127.0.0.1',
    projectId: 'p',
    fallback: true,
    protocol: 'http',
    port: Number(new URL(emulator.url).port),
    auth: new GoogleAuth({ authClient: new PassThroughClient() }),
  }),
};
after(async () => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await Promise.all([emulator.close(), secure.close()]);
});

for (const [name, client] of Object.entries(clients)) {
  test(`over ${name} the client of Node.js makes a key and signs (KeyManagementService.AsymmetricSign)`, async () => {
    const version = await newSigningKey(client, `node-${name.replaceAll(' ', '-')}`);
    const [{ pem }] = await client.getPublicKey({ name: version });
    const [signed] = await client.asymmetricSign({ name: version, data: MESSAGE });
    assert.equal(signed.name, version);
    assert.ok(verify('sha256', MESSAGE, pem ?? '', Buffer.from(signed.signature ?? '')));
  });

  test(`over ${name} what is missing is NOT_FOUND (google.rpc.Code)`, async () => {
    const absent = client.getCryptoKey({ name: `${LOCATION}/keyRings/none/cryptoKeys/none` });
    await assert.rejects(absent, { code: 5 });
  });
}

test('a denial carries its reason to the client of Node.js (google.rpc.ErrorInfo)', async () => {
  const version = await newSigningKey(clients.gRPC, 'denied');
  emulator.permissions.deny({ permission: 'cloudkms.cryptoKeyVersions.useToSign' });
  const denied = clients.gRPC.asymmetricSign({ name: version, data: MESSAGE });
  await assert.rejects(denied, { code: 7, reason: 'IAM_PERMISSION_DENIED' });
  emulator.permissions.allowAll();
});

async function newSigningKey(client: KeyManagementServiceClient, keyRingId: string): Promise<string> {
  const [ring] = await client.createKeyRing({ parent: LOCATION, keyRingId, keyRing: {} });
  const [key] = await client.createCryptoKey({
    parent: ring.name ?? '',
    cryptoKeyId: 'k',
    cryptoKey: { purpose: 'ASYMMETRIC_SIGN', versionTemplate: { algorithm: 'EC_SIGN_P256_SHA256' } },
  });
  return `${key.name}/cryptoKeyVersions/1`;
}
