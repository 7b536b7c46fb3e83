import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { inspect, promisify } from 'node:util';
import { type KeyProvider, parseKeyRef } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { type Answering, answering } from '../../support/answering.ts';
import { localCertificate } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, RING } from '../../support/gcp.ts';
import { type Elsewhere, startElsewhere } from '../../support/gcp-elsewhere.ts';
import { FOLDER, trust } from '../../support/gcp-roots.ts';

const REF = parseKeyRef(`gcpkms://${RING}/cryptoKeys/k`);
const MESSAGE = new TextEncoder().encode('message');
const CANARY = 'canary-refresh-token';

let emulator: Elsewhere;
let endpoint: string;

before(async () => {
  emulator = await startElsewhere({ tls: true });
  endpoint = `https://localhost:${emulator.port}`;
  trust(emulator.ca ?? '');
  useCredentials('service.json', serviceAccount());
  const provider = gcpKms({ endpoint });
  await provider.create?.(REF, { algorithm: 'ES256' });
  await provider.close();
});

/** Where the chain begins, as it does for everybody. */
function useCredentials(name: string, content: unknown): void {
  const file = join(FOLDER, name);
  writeFileSync(file, JSON.stringify(content));
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = file;
}

/** Its tokens are signed here: nobody is asked for them. */
function serviceAccount(): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    type: 'service_account',
    project_id: 'hardkey-tests',
    client_email: 'tests@hardkey-tests.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private_key_id: '1',
  };
}

/** Federated: a token of somebody else is exchanged. */
function federated(tokenUrl: string): object {
  const file = join(FOLDER, 'subject-token');
  writeFileSync(file, CANARY);
  return {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: { file },
  };
}

async function signWith(provider: KeyProvider): Promise<void> {
  await (await provider.open(REF)).use('ES256').sign(MESSAGE);
}

test('the credentials that GOOGLE_APPLICATION_CREDENTIALS names are used, over TLS', async (t) => {
  const metadata = await answering((answer) => answer.writeHead(404).end());
  process.env['GCE_METADATA_HOST'] = new URL(metadata.url).host;
  t.after(() => delete process.env['GCE_METADATA_HOST']);
  useCredentials('service.json', serviceAccount());
  const provider = gcpKms({ endpoint });
  t.after(() => provider.close());
  await signWith(provider);
  assert.equal(metadata.requests(), 0, 'the metadata service is asked only where the chain does');
});

test('without credentials the call is DENIED, and those that are there later are used', async (t) => {
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  t.after(() => delete process.env['METADATA_SERVER_DETECTION']);
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(FOLDER, 'nothing.json');
  const provider = gcpKms({ endpoint });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), failsWith('DENIED', { field: 'gcpkms.credentials' }));
  writeFileSync(join(FOLDER, 'broken.json'), '{');
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(FOLDER, 'broken.json');
  await assert.rejects(signWith(provider), failsWith('DENIED', { field: 'gcpkms.credentials' }));
  useCredentials('service.json', serviceAccount());
  await signWith(provider);
});

const UNUSABLE: Readonly<Record<string, () => unknown>> = {
  'is null': () => null,
  'is of no kind that is known': () => ({ type: 'strange' }),
  'has no private key': () => ({ ...serviceAccount(), private_key: undefined }),
  'has a private key that is none': () => ({ ...serviceAccount(), private_key: 'canary-private-key' }),
  'has no source for the token of somebody else': () => ({
    ...federated('http://127.0.0.1:1'),
    credential_source: undefined,
  }),
  'has a source that is not there': () => ({
    ...federated('http://127.0.0.1:1'),
    credential_source: { file: join(FOLDER, 'nowhere') },
  }),
};

for (const [what, content] of Object.entries(UNUSABLE)) {
  test(`a file of credentials that ${what} is DENIED`, async (t) => {
    useCredentials('unusable.json', content());
    const provider = gcpKms({ endpoint });
    t.after(() => provider.close());
    await assert.rejects(signWith(provider), (error) => {
      failsWith('DENIED', { field: 'gcpkms.credentials' })(error);
      assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /canary/);
      return true;
    });
  });
}

test('a metadata service that was away is looked for again', { timeout: 60_000 }, async (t) => {
  let isDown = true;
  const metadata = await answering((answer, _body, { url = '' }) => {
    if (isDown || url.includes('universe')) return answer.writeHead(404).end();
    const token = { access_token: 'canary-token', token_type: 'Bearer', expires_in: 3600 };
    const headers = { 'metadata-flavor': 'Google', 'content-type': 'application/json' };
    return answer.writeHead(200, headers).end(url.includes('token') ? JSON.stringify(token) : '{}');
  });
  process.env['GCE_METADATA_HOST'] = new URL(metadata.url).host;
  delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  // No credentials of who runs the tests.
  const { HOME = '' } = process.env;
  process.env['HOME'] = FOLDER;
  t.after(() => {
    delete process.env['GCE_METADATA_HOST'];
    process.env['HOME'] = HOME;
  });
  const provider = gcpKms({ endpoint });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), failsWith('DENIED', { field: 'gcpkms.credentials' }));
  isDown = false;
  await signWith(provider);
});

const LOGINS: readonly (readonly [what: string, code: 'DENIED' | 'UNAVAILABLE', act: Answering])[] = [
  [
    'that is refused',
    'DENIED',
    (answer) =>
      answer.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}'),
  ],
  ['that is not let in', 'DENIED', (answer) => answer.writeHead(403).end('<html>canary-page</html>')],
  ['that fails', 'UNAVAILABLE', (answer) => answer.writeHead(503).end('<html>canary-page</html>')],
  ['that breaks off', 'UNAVAILABLE', (answer) => answer.destroy()],
];

for (const [what, code, act] of LOGINS) {
  test(`a login ${what} is ${code}, and the next one is tried`, { timeout: 60_000 }, async (t) => {
    let isDown = true;
    const tokens = await answering((answer, body, request) => {
      if (isDown) return act(answer, body, request);
      const token = { access_token: 'canary-token', token_type: 'Bearer', expires_in: 3600 };
      const issued = { ...token, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' };
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(issued));
    });
    useCredentials('federated.json', federated(tokens.url));
    const provider = gcpKms({ endpoint });
    t.after(() => provider.close());
    await assert.rejects(signWith(provider), (error) => {
      failsWith(code)(error);
      assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /canary/);
      return true;
    });
    isDown = false;
    await signWith(provider);
  });
}

test('a login that is not answered ends, and another is tried', { timeout: 60_000 }, async (t) => {
  let isDown = true;
  const tokens = await answering((answer, _body, { url }) => {
    const federating = { access_token: 'canary-token', token_type: 'Bearer', expires_in: 3600 };
    const issued = { ...federating, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' };
    const acting = { accessToken: 'canary-token', expireTime: new Date(Date.now() + 1e6).toISOString() };
    const isActing = url === '/acting';
    if (isActing && isDown) return;
    answer
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(isActing ? acting : issued));
  });
  const acting = { service_account_impersonation_url: `${tokens.url}/acting` };
  useCredentials('acting.json', { ...federated(tokens.url), ...acting });
  const provider = gcpKms({ endpoint, timeoutMs: 300 });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), failsWith('UNAVAILABLE', { field: 'timeoutMs' }));
  isDown = false;
  let isIn = false;
  while (!isIn) {
    isIn = await signWith(provider).then(
      () => true,
      (error: unknown) => !failsWith('UNAVAILABLE')(error),
    );
  }
});

test('neither data nor credentials go where the endpoint refers to', async (t) => {
  const { key, cert, trust: authority } = localCertificate();
  const byName = (url: string): string => url.replace('127.0.0.1', 'localhost');
  const other = await answering((answer) => answer.end('{}'), { key, cert });
  const asked: (string | undefined)[] = [];
  const act: Answering = (answer, _body, { headers }) => {
    asked.push(headers.authorization?.slice(0, 7));
    answer.writeHead(307, { location: byName(other.url) }).end();
  };
  const server = await answering(act, { key, cert });
  const roots = join(FOLDER, 'redirecting.pem');
  writeFileSync(roots, authority);
  useCredentials('service.json', serviceAccount());
  const script = `
    import { gcpKms } from 'hardkey/providers/gcp-kms';
    import { parseKeyRef } from 'hardkey';
    const provider = gcpKms({ endpoint: '${byName(server.url)}', transport: 'rest' });
    provider.open(parseKeyRef('${String(REF)}')).catch(({ code }) => console.log(code));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@hk/source', '--input-type=module', '--eval', script],
    { cwd: import.meta.dirname, env: { ...process.env, NODE_EXTRA_CA_CERTS: roots }, signal: t.signal },
  );
  assert.equal(stdout, 'UNAVAILABLE\n');
  assert.equal(asked[0], 'Bearer ');
  assert.equal(other.requests(), 0);
});

test('an authority that is not trusted is UNAVAILABLE, and is named as what it is', async (t) => {
  const other = await startElsewhere({ tls: true });
  useCredentials('service.json', serviceAccount());
  const provider = gcpKms({ endpoint: `https://localhost:${other.port}` });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), (error) => {
    failsWith('UNAVAILABLE', { field: 'gcpkms.endpoint' })(error);
    assert.match(String(error), /certificate of the endpoint is not trusted/);
    return true;
  });
});

test('an endpoint that does not speak TLS is UNAVAILABLE', async (t) => {
  const plain = await gcpEmulator();
  const provider = gcpKms({ endpoint: `https://localhost:${plain.port}` });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), failsWith('UNAVAILABLE', { field: 'gcpkms.endpoint' }));
});

test('a name that is not known is UNAVAILABLE', async (t) => {
  const provider = gcpKms({ endpoint: 'https://kms.invalid' });
  t.after(() => provider.close());
  await assert.rejects(signWith(provider), failsWith('UNAVAILABLE'));
});
