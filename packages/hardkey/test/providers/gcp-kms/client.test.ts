// Clients that others made, and both ways to the service.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { GoogleAuth, PassThroughClient } from 'google-auth-library';
import { type Key, parseKeyRef } from 'hardkey';
import { gcpKms, type KmsClient } from 'hardkey/providers/gcp-kms';
import { answering } from '../../support/answering.ts';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, RING } from '../../support/gcp.ts';
import { sharedKey } from './subject.ts';

const MESSAGE = new TextEncoder().encode('message');

const HTML = '<!doctype html><title>Sign in</title>';

/** Signs, wraps and authenticates once, and reads it back. */
async function tryAll(open: (ref: string) => Promise<Key>): Promise<void> {
  await (await open(await sharedKey('ES256'))).use('ES256').sign(MESSAGE);
  for (const algorithm of ['service', 'RSA-OAEP-256'] as const) {
    const wrapper = (await open(await sharedKey(algorithm))).use(algorithm);
    assert.deepEqual(await wrapper.unwrap(await wrapper.wrap(MESSAGE)), MESSAGE);
  }
  const aead = (await open(await sharedKey('A256GCM'))).use('A256GCM');
  // The checksum of nothing is zero, which is a checksum.
  for (const plaintext of [MESSAGE, new Uint8Array()]) {
    const sealed = await aead.encrypt(plaintext, new Uint8Array());
    assert.deepEqual(await aead.decrypt(sealed, new Uint8Array()), plaintext);
  }
  const mac = (await open(await sharedKey('HS256'))).use('HS256');
  await mac.verifyMac(MESSAGE, await mac.mac(MESSAGE));
  const wrong = mac.verifyMac(MESSAGE, new Uint8Array(32));
  await assert.rejects(wrong, failsWith('VERIFICATION_FAILED'));
}

test('REST does what gRPC does', async (t) => {
  const { url, faults } = await gcpEmulator();
  const provider = gcpKms({ endpoint: url, transport: 'rest', keyRing: RING });
  t.after(() => provider.close());
  await tryAll((ref) => provider.open(parseKeyRef(ref)));
  const ref = parseKeyRef(`gcpkms://${RING}/cryptoKeys/made-by-rest`);
  await provider.create?.(ref, { algorithm: 'Ed25519' });
  await provider.rotate?.(ref);
  await provider.check?.(ref);
  let listed = 0;
  for await (const _ of provider.list?.() ?? []) listed += 1;
  assert.ok(listed > 1);
  await provider.destroy?.(ref);
  await assert.rejects(provider.open(ref), failsWith('KEY_NOT_FOUND'));
  const signer = (await provider.open(parseKeyRef(await sharedKey('ES256')))).use('ES256');
  for (const [fault, code, details] of [
    [{ flip: 'signature' }, 'UNAVAILABLE', { check: 'crc32c' }],
    [{ status: 7 }, 'DENIED', {}],
    [{ status: 14 }, 'UNAVAILABLE', {}],
    [{ reset: true }, 'UNAVAILABLE', {}],
    [{ truncate: 20 }, 'UNAVAILABLE', {}],
    [{ body: HTML }, 'UNAVAILABLE', {}],
    [{ status: 14, body: HTML }, 'UNAVAILABLE', {}],
    [{ status: 5, body: HTML }, 'UNAVAILABLE', {}],
    [{ status: 7, body: HTML }, 'DENIED', {}],
  ] as const) {
    faults.add({ method: 'AsymmetricSign', ...fault });
    await assert.rejects(signer.sign(MESSAGE), failsWith(code, details), JSON.stringify(fault));
    faults.clear();
  }
});

test('over REST an answer in JSON that is none of Cloud KMS is what its status says', async (t) => {
  let page = { status: 0, body: '' };
  const server = await answering((answer) => {
    answer.writeHead(page.status, { 'content-type': 'application/json' });
    answer.end(page.body);
  });
  const provider = gcpKms({ endpoint: server.url, transport: 'rest' });
  t.after(() => provider.close());
  const ref = parseKeyRef(`gcpkms://${RING}/cryptoKeys/k/cryptoKeyVersions/1`);
  for (const body of ['{"error":"canary"}', '{"message":"canary"}', '{"error":null}', '{}', 'null', '[]']) {
    for (const [status, code] of [
      [404, 'UNAVAILABLE'],
      [403, 'DENIED'],
      [407, 'DENIED'],
      [429, 'OVERLOADED'],
      [502, 'UNAVAILABLE'],
      [503, 'UNAVAILABLE'],
    ] as const) {
      page = { status, body };
      await assert.rejects(provider.open(ref), (error) => {
        failsWith(code)(error);
        assert.doesNotMatch(String(error), /canary/);
        return true;
      });
    }
  }
});

test('a redirection is not followed', async (t) => {
  const other = await answering((answer) => answer.end('{}'));
  const server = await answering((answer) => answer.writeHead(307, { location: other.url }).end());
  const provider = gcpKms({ endpoint: server.url, transport: 'rest' });
  t.after(() => provider.close());
  const opening = provider.open(parseKeyRef(`gcpkms://${RING}/cryptoKeys/k/cryptoKeyVersions/1`));
  await assert.rejects(opening, failsWith('UNAVAILABLE'));
  assert.notEqual(server.requests(), 0);
  assert.equal(other.requests(), 0);
});

test('a client of the SDK is used, and left open', async (t) => {
  const { url } = await gcpEmulator();
  const client = new KeyManagementServiceClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port: Number(new URL(url).port),
    projectId: 'hardkey-tests',
    auth: new GoogleAuth({ authClient: new PassThroughClient() }),
  });
  t.after(() => client.close());
  const provider = gcpKms({ client });
  await tryAll((ref) => provider.open(parseKeyRef(ref)));
  await provider.close();
  const name = (await sharedKey('ES256')).replace('gcpkms://', '');
  const [key] = await client.getCryptoKey({ name });
  assert.equal(key.name, name);
});

test('any object with the methods is a client, and one that it has not is UNSUPPORTED', async () => {
  const name = `${RING}/cryptoKeys/k/cryptoKeyVersions/1`;
  const asked: object[] = [];
  const client: KmsClient = {
    async getCryptoKey() {
      return [{ name: `${RING}/cryptoKeys/k`, labels: {} }];
    },
    async getCryptoKeyVersion(_request, options) {
      asked.push(options);
      return [{ name, state: 'ENABLED', algorithm: 'HMAC_SHA256', protectionLevel: 'SOFTWARE' }];
    },
  };
  const provider = gcpKms({ client });
  const key = await provider.open(parseKeyRef(`gcpkms://${name}`));
  assert.equal(key.state, 'active');
  await assert.rejects(key.use('HS256').mac(MESSAGE), failsWith('UNSUPPORTED', { operation: 'macSign' }));
  const [options] = asked as { readonly retry: unknown; readonly timeout: number }[];
  assert.deepEqual([options?.retry, options?.timeout], [null, 11_000]);
});

test('a client that cannot log in is a failure of the call', async () => {
  const client: KmsClient = {
    initialize: () => Promise.reject(new Error('Could not load the default credentials.')),
  };
  const provider = gcpKms({ client });
  const opening = provider.open(parseKeyRef(`gcpkms://${RING}/cryptoKeys/k`));
  await assert.rejects(opening, failsWith('DENIED', { field: 'gcpkms.credentials' }));
});

test('without the SDK the failure says how to install it', () => {
  const script = `
    import { register } from 'node:module';
    import { gcpKms } from 'hardkey/providers/gcp-kms';
    import { parseKeyRef } from 'hardkey';
    register('data:text/javascript,' + encodeURIComponent(\`
      export async function resolve(name, context, next) {
        if (name !== '@google-cloud/kms') return next(name, context);
        throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
      }\`));
    gcpKms().open(parseKeyRef('gcpkms://${RING}/cryptoKeys/a')).catch(({ code, message }) => console.log(code, message));`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', script];
  const told = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  assert.match(told, /^UNSUPPORTED .*npm install @google-cloud\/kms/);
});
