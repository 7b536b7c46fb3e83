import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import {
  AuthenticationError,
  AuthenticationRequiredError,
  ChainedTokenCredential,
  ClientSecretCredential,
  CredentialUnavailableError,
  EnvironmentCredential,
} from '@azure/identity';
import type { Fault } from '@hardkey/emulators';
import { createKeys, type FailureCode, type Key, parseKeyRef } from 'hardkey';
import {
  type AzureKvConfig,
  azureKv,
  type KeyClient,
  type TokenCredential,
} from 'hardkey/providers/azure-kv';
import type { FailureDetails } from '../../../src/errors.ts';
import { coded, named, networked } from '../../../src/providers/azure-kv/failures.ts';
import { type Answering, answering } from '../../support/answering.ts';
import {
  application,
  asApplication,
  azureConfig,
  emulator,
  unused,
  useAzureEnvironment,
} from '../../support/azure.ts';
import { localCertificate } from '../../support/certificates.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';

const MESSAGE = new TextEncoder().encode('message');
const emulated = await emulator();
useAzureEnvironment(emulated);
const config = await azureConfig();

let shared: Promise<Key> | undefined;

/** A key of the emulator. */
function signingKey(): Promise<Key> {
  shared ??= makeKey();
  return shared;
}

async function makeKey(): Promise<Key> {
  const made = await azureKv(config).create?.(parseKeyRef(unused(config.vaultUrl)), { algorithm: 'ES256' });
  assert.ok(made);
  await made.use('ES256').sign(MESSAGE);
  return made;
}

/** Gives the emulator faults while `act` runs. Says how many are left. */
async function withFaults(faults: readonly Fault[], act: () => Promise<unknown>): Promise<number> {
  emulated.faults.add(...faults);
  try {
    await act();
    return emulated.faults.waiting().reduce((left, { times = 1 }) => left + times, 0);
  } finally {
    emulated.faults.clear();
  }
}

/** What the service answers: status, code, and the code inside. */
const ANSWERS: readonly (readonly [
  status: number,
  code: string,
  inner: string | undefined,
  expected: FailureCode,
  field?: string,
])[] = [
  [403, 'Forbidden', 'ForbiddenByPolicy', 'DENIED'],
  [403, 'Forbidden', 'ForbiddenByRbac', 'DENIED'],
  [403, 'Forbidden', 'AccessDenied', 'DENIED'],
  [403, 'Forbidden', 'ForbiddenByFirewall', 'DENIED'],
  [403, 'Forbidden', 'ForbiddenByConnection', 'DENIED'],
  [403, 'Forbidden', 'KeyDisabled', 'DENIED', 'state'],
  [403, 'Forbidden', 'KeyExpired', 'DENIED', 'expires'],
  [403, 'Forbidden', 'KeyNotYetValid', 'DENIED', 'notBefore'],
  [403, 'Forbidden', 'KeyOperationForbidden', 'DENIED', 'key_ops'],
  [403, 'Forbidden', undefined, 'DENIED'],
  [403, 'Forbidden', 'SomethingNew', 'DENIED'],
  [401, 'Unauthorized', undefined, 'DENIED', 'azurekms.credential'],
  [404, 'KeyNotFound', undefined, 'KEY_NOT_FOUND'],
  [404, 'VaultNotFound', undefined, 'UNAVAILABLE', 'azurekms.vault'],
  [409, 'Conflict', 'ObjectIsDeletedButRecoverable', 'KEY_EXISTS'],
  [409, 'Conflict', 'ObjectIsBeingDeleted', 'UNAVAILABLE'],
  [409, 'Conflict', 'ObjectIsBeingRecovered', 'UNAVAILABLE'],
  [409, 'ConflictError', undefined, 'UNAVAILABLE'],
  [400, 'BadParameter', undefined, 'ARGUMENT_INVALID'],
  [429, 'Throttled', undefined, 'OVERLOADED'],
  [429, 'TooManyRequests', undefined, 'OVERLOADED'],
  [400, 'SomethingNew', undefined, 'DENIED'],
  [408, 'RequestTimeout', undefined, 'UNAVAILABLE'],
  [500, 'InternalServerError', undefined, 'UNAVAILABLE'],
  [503, 'ServiceUnavailable', undefined, 'UNAVAILABLE'],
];

test('every code of the table of failures has a test', () => {
  const tested = new Set(ANSWERS.flatMap(([, code, inner]) => [code, inner]));
  assert.deepEqual(
    Object.keys(coded).filter((code) => !tested.has(code)),
    [],
  );
});

for (const [status, code, inner, expected, field] of ANSWERS) {
  test(`${status} ${code} ${inner ?? ''} is ${expected}, and is asked for once`, async () => {
    const key = await signingKey();
    const details = [{ code, ...(inner === undefined ? {} : { innererror: { code: inner } }) }];
    const fault = { method: 'sign', status, message: 'canary-words', details, times: 2 };
    const left = await withFaults([fault], () =>
      assert.rejects(key.use('ES256').sign(MESSAGE), (error) => {
        failsWith(
          expected,
          field === undefined ? { operation: 'sign' } : { operation: 'sign', field },
        )(error);
        assert.match(String(error), new RegExp(`keys/sign, ${status} ${inner ?? code}`));
        isSilent(error);
        return true;
      }),
    );
    assert.equal(left, 1);
  });
}

/** Answers that are cut or changed on the way. */
const CUT: readonly (readonly [what: string, fault: object | ((id: string) => object), code: FailureCode])[] =
  [
    ['a connection that is reset', { reset: true }, 'UNAVAILABLE'],
    ['an answer that is truncated', { truncate: 40 }, 'UNAVAILABLE'],
    ['an HTML page', { body: '<!doctype html>' }, 'UNAVAILABLE'],
    ['an HTML page of a gateway', { status: 502, body: '<!doctype html>' }, 'UNAVAILABLE'],
    ['an HTML page that refuses', { status: 403, body: '<!doctype html>' }, 'DENIED'],
    ['an answer without a signature', { set: { value: null } }, 'UNAVAILABLE'],
    ['an answer that names no key', { set: { kid: null } }, 'UNAVAILABLE'],
    ['a signature of another length', { set: { value: 'AAAA' } }, 'UNAVAILABLE'],
    [
      'an answer of another key',
      { set: { kid: `${config.vaultUrl}/keys/other/${'0'.repeat(32)}` } },
      'SIGNER_MISMATCH',
    ],
    [
      'an answer of another version',
      (id: string) => ({ set: { kid: id.replace(/[^/]+$/, '0'.repeat(32)) } }),
      'SIGNER_MISMATCH',
    ],
  ];

for (const [what, fault, code] of CUT) {
  test(`${what} is ${code}`, async () => {
    const key = await signingKey();
    const [, , , name, version] = String(key.ref).split('/');
    const given = typeof fault === 'function' ? fault(`${config.vaultUrl}/keys/${name}/${version}`) : fault;
    await withFaults([{ method: 'sign', ...given }], () =>
      assert.rejects(key.use('ES256').sign(MESSAGE), failsWith(code, { operation: 'sign' })),
    );
    await key.use('ES256').sign(MESSAGE);
  });
}

test('a signature that was changed on the way is not released', async () => {
  await using keys = createKeys([azureKv(config)]);
  const key = await keys.open((await signingKey()).ref);
  await withFaults([{ method: 'sign', flip: 'value', times: 9 }], () =>
    assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('SIGNER_MISMATCH')),
  );
});

test('a key that an answer says is elsewhere is SIGNER_MISMATCH, and nothing is asked there', async () => {
  const elsewhere = await answering((answer) => answer.end('{}'), localCertificate());
  const { ref } = await signingKey();
  const [, , , name = '', version = ''] = String(ref).split('/');
  // All but the host is as it should be.
  const kid = `${elsewhere.url}/keys/${name}/${version}`;
  const jwk = (await signingKey()).publicKey?.toJwk() ?? {};
  const key = { ...jwk, kid, key_ops: ['sign', 'verify'] };
  const provider = azureKv(config);
  for (const named of [ref, parseKeyRef(String(ref).replace(/\/[^/]+$/, ''))]) {
    await withFaults([{ method: 'getKey', set: { key } }], () =>
      assert.rejects(provider.open(named), failsWith('SIGNER_MISMATCH')),
    );
    await provider.open(named);
  }
  const signer = (await provider.open(ref)).use('ES256');
  await withFaults([{ method: 'sign', set: { kid } }], () =>
    assert.rejects(signer.sign(MESSAGE), failsWith('SIGNER_MISMATCH')),
  );
  await provider.close();
  assert.equal(elsewhere.requests(), 0);
});

test('where an answer refers to is not asked, be it the next page or a redirection', async () => {
  // Trusted, so that nothing but its name keeps the token from it.
  const { trust, ...tls } = localCertificate();
  const elsewhere = await answering((answer) => answer.end('{"value":[]}'), tls);
  const url = elsewhere.url.replace('127.0.0.1', 'localhost');
  const provider = azureKv({ ...config, ca: `${config.ca}${trust}` });
  const { ref } = await signingKey();
  const signer = (await provider.open(ref)).use('ES256');
  const refused = failsWith('UNAVAILABLE', { field: 'azurekms.vault' });
  for (const method of ['getKeys', 'getKeyVersions']) {
    const nextLink = `${url}/keys?api-version=7.6`;
    await withFaults([{ method, set: { nextLink } }], () =>
      assert.rejects(async () => collected(provider.list?.() ?? assert.fail()), refused),
    );
  }
  for (const status of [301, 302, 303, 307, 308]) {
    const fault = { status, headers: { location: `${url}/keys/a` } };
    await withFaults([{ method: 'getKey', ...fault }], () =>
      assert.rejects(provider.open(ref), failsWith('UNAVAILABLE')),
    );
    await withFaults([{ method: 'sign', ...fault }], () =>
      assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE')),
    );
  }
  assert.equal(elsewhere.requests(), 0);
  assert.equal((await signer.sign(MESSAGE)).length, 64);
  await provider.close();
});

test('a rotation that ends half-way says which version is to be suspended', async (t) => {
  const provider = azureKv(config);
  t.after(() => provider.close());
  const old = await makeKey();
  const whole = parseKeyRef(String(old.ref).replace(/\/[0-9a-f]{32}$/, ''));
  const told = `${String(old.ref)} is to be suspended`;
  await withFaults([{ method: 'updateKey', status: 503, times: 9 }], () =>
    assert.rejects(
      async () => provider.rotate?.(whole),
      (error) => failsWith('UNAVAILABLE')(error) && String(error).includes(told),
    ),
  );
  assert.notEqual(String((await provider.open(whole)).ref), String(old.ref));
  await provider.setState?.(old.ref, 'suspended');
  const signer = (await provider.open(old.ref)).use('ES256');
  await assert.rejects(signer.sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
});

test('a public key that is broken is UNAVAILABLE', async () => {
  const { ref } = await signingKey();
  const { vaultUrl } = config;
  const kid = `${vaultUrl}/keys/${ref.body.split('/')[3]}/${ref.body.split('/')[4]}`;
  const key = { kid, kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', key_ops: ['sign'] };
  await withFaults([{ method: 'getKey', set: { key } }], () =>
    assert.rejects(azureKv(config).open(ref), failsWith('UNAVAILABLE', { field: 'publicKey' })),
  );
});

test('a throttled call waits as long as the service asks, and is repeated once by the policy', async () => {
  await using keys = createKeys([azureKv(config)], { deadlineMs: 5000 });
  const key = await keys.open((await signingKey()).ref);
  await key.use('ES256').sign(MESSAGE);
  const throttled = { method: 'sign', status: 429, headers: { 'retry-after': '0' } };
  assert.equal(await withFaults([{ ...throttled, times: 1 }], () => key.use('ES256').sign(MESSAGE)), 0);
  const long = { ...throttled, headers: { 'retry-after': '60' }, times: 5 };
  const left = await withFaults([long], () =>
    assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('OVERLOADED', { retryAfterMs: 60_000 })),
  );
  assert.equal(left, 4);
  const tomorrow = new Date(Date.now() + 86_400_000).toUTCString();
  await withFaults([{ ...throttled, headers: { 'retry-after': tomorrow }, times: 1 }], () =>
    assert.rejects(key.use('ES256').sign(MESSAGE), (error: { readonly details?: FailureDetails }) => {
      failsWith('OVERLOADED')(error);
      const wait = error.details?.retryAfterMs ?? 0;
      return wait > 86_000_000 && wait <= 86_400_000;
    }),
  );
});

/** Opens a key of a server of our own, or of none. */
async function openAt(vaultUrl: string, more: AzureKvConfig = {}): Promise<Key> {
  const credential = {
    getToken: async () => ({ token: 'canary-token', expiresOnTimestamp: Date.now() + 1e6 }),
  };
  const provider = azureKv({ vaultUrl, credential, ...more });
  try {
    return await provider.open(parseKeyRef(`azurekms://${new URL(vaultUrl).host}/a`));
  } finally {
    await provider.close();
  }
}

const tls = localCertificate();

const SLOW: readonly (readonly [what: string, act: Answering])[] = [
  ['a service that answers nothing', () => undefined],
  ['a body that never ends', (answer) => answer.writeHead(200, { 'content-length': '100' }).write('{')],
];

for (const [what, act] of SLOW) {
  test(`${what} is UNAVAILABLE when its time is over`, async () => {
    const server = await answering(act, tls);
    const url = server.url.replace('127.0.0.1', 'localhost');
    const field = 'timeoutMs';
    await assert.rejects(openAt(url, { ca: tls.trust, timeoutMs: 50 }), failsWith('UNAVAILABLE', { field }));
    const provider = azureKv({ ...config, vaultUrl: url, ca: tls.trust });
    const ref = parseKeyRef(`azurekms://${new URL(url).host}/a`);
    const options = { deadline: performance.now() + 50 };
    await assert.rejects(provider.open(ref, options), failsWith('UNAVAILABLE', { field: 'deadline' }));
    const closed = assert.rejects(provider.open(ref), failsWith('UNAVAILABLE', { field: 'closed' }));
    await provider.close();
    await closed;
  });
}

const FOREIGN: readonly (readonly [what: string, code: FailureCode, act: Answering])[] = [
  ['a page that is not there', 'UNAVAILABLE', (answer) => answer.writeHead(404).end('<html>')],
  ['a failure without a body', 'UNAVAILABLE', (answer) => answer.writeHead(500).end()],
  ['a refusal without a body', 'DENIED', (answer) => answer.writeHead(401).end()],
  ['an answer without a body', 'UNAVAILABLE', (answer) => answer.end()],
  ['an empty object', 'UNAVAILABLE', (answer) => answer.end('{}')],
  ['a list', 'UNAVAILABLE', (answer) => answer.end('[]')],
  ['an answer of another shape', 'UNAVAILABLE', (answer) => answer.end('{"key":{"kid":"a"}}')],
  [
    'a host that asks for tokens of another service',
    'DENIED',
    (answer) => {
      const challenge = 'Bearer authorization="https://localhost/t", resource="https://management.azure.com"';
      answer.writeHead(401, { 'www-authenticate': challenge }).end('{}');
    },
  ],
];

for (const [what, code, act] of FOREIGN) {
  test(`${what} is ${code}`, async () => {
    const server = await answering((answer, ...more) => {
      answer.setHeader('content-type', 'application/json');
      act(answer, ...more);
    }, tls);
    const url = server.url.replace('127.0.0.1', 'localhost');
    await assert.rejects(openAt(url, { ca: tls.trust }), (error) => {
      failsWith(code, { provider: 'azurekms', operation: 'get' })(error);
      isSilent(error);
      return true;
    });
  });
}

for (const [what, bytes] of [
  ['is not HTTP', 'garbage\r\n\r\n'],
  ['has a header without end', `HTTP/1.1 200 OK\r\na: ${'a'.repeat(100_000)}\r\n\r\n`],
  ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n{}'],
  ['has a status that is none', 'HTTP/1.1 999 OK\r\ncontent-length: 0\r\n\r\n'],
] as const) {
  test(`an answer that ${what} is UNAVAILABLE`, async (t) => {
    const server = createTlsServer(tls, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(openAt(`https://localhost:${port}`, { ca: tls.trust }), (error) => {
      failsWith('UNAVAILABLE', { operation: 'get' })(error);
      isSilent(error);
      return true;
    });
  });
}

test('a first call that is answered late is sent with its body all the same', async () => {
  const kid = (url: string): string => `${url}/keys/a/${'0'.repeat(32)}`;
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const bodies: string[] = [];
  let url = '';
  let isFirst = true;
  const server = await answering((answer, body, { method, headers }) => {
    const isAuthorized = headers.authorization !== undefined;
    const json = { 'content-type': 'application/json' };
    if (method === 'POST' && isAuthorized) bodies.push(body);
    if (isAuthorized) {
      const key = { kty: 'EC', crv: 'P-256', x, y, kid: kid(url), key_ops: ['sign'] };
      answer.writeHead(200, json).end(JSON.stringify({ key, kid: kid(url), value: 'A'.repeat(86) }));
      return;
    }
    const challenge = 'Bearer authorization="https://localhost/t", resource="https://vault.azure.net"';
    const ask = (): unknown => answer.writeHead(401, { 'www-authenticate': challenge }).end('{}');
    if (method === 'POST' && isFirst) setTimeout(ask, 100);
    else ask();
    if (method === 'POST') isFirst = false;
  }, tls);
  url = server.url.replace('127.0.0.1', 'localhost');
  const credential = { getToken: async () => ({ token: 'token', expiresOnTimestamp: Date.now() + 1e6 }) };
  const provider = azureKv({ vaultUrl: url, ca: tls.trust, credential });
  const key = await provider.open(parseKeyRef(`azurekms://${new URL(url).host}/a`));
  await Promise.all([1, 2, 3].map(() => key.use('ES256').sign(MESSAGE)));
  assert.deepEqual(
    bodies.map((body) => JSON.parse(body).alg),
    ['ES256', 'ES256', 'ES256'],
  );
  await provider.close();
});

test('a vault where nobody listens is UNAVAILABLE', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  await assert.rejects(openAt(`https://localhost:${port}`), failsWith('UNAVAILABLE'));
});

test('a vault whose name is not known is UNAVAILABLE', async () => {
  await assert.rejects(openAt('https://vault.invalid'), failsWith('UNAVAILABLE'));
});

test('an authority that is not trusted is UNAVAILABLE, and nothing is asked', async () => {
  const server = await answering((answer) => answer.end('{}'), tls);
  const url = server.url.replace('127.0.0.1', 'localhost');
  await assert.rejects(openAt(url), failsWith('UNAVAILABLE', { field: 'azurekms.vault' }));
  // Trusted, and for another name.
  const other = openAt(server.url, { ca: tls.trust });
  await assert.rejects(other, failsWith('UNAVAILABLE', { field: 'azurekms.vault' }));
  assert.equal(server.requests(), 0);
});

test('a host that does not speak TLS is UNAVAILABLE', async () => {
  const { url } = await answering((answer) => answer.end('{}'));
  await assert.rejects(openAt(url.replace('http:', 'https:')), failsWith('UNAVAILABLE'));
});

/** A client of somebody else, whose every call fails so. */
function failing(error: Error): KeyClient {
  const fail = async (): Promise<never> => {
    throw error;
  };
  const never = (): never => {
    throw error;
  };
  return {
    vaultUrl: 'https://example.vault.azure.net',
    getKey: fail,
    createKey: fail,
    updateKeyProperties: fail,
    rotateKey: fail,
    beginDeleteKey: fail,
    listPropertiesOfKeys: never,
    listPropertiesOfKeyVersions: never,
    getCryptographyClient: never,
  };
}

async function openWith(error: Error): Promise<unknown> {
  return azureKv({ client: failing(error) }).open(parseKeyRef('azurekms://example.vault.azure.net/a'));
}

for (const code of [...Object.keys(networked), 'CERT_OF_ANOTHER_KIND']) {
  test(`${code} is UNAVAILABLE`, async () => {
    await assert.rejects(
      openWith(Object.assign(new Error('canary-words'), { code })),
      failsWith('UNAVAILABLE'),
    );
  });
}

test('a request that fails for a reason that nobody knows is UNAVAILABLE', async () => {
  const error = Object.assign(new Error('canary-words'), { name: 'RestError', code: 'ENETDOWN' });
  await assert.rejects(openWith(error), (thrown) => {
    failsWith('UNAVAILABLE')(thrown);
    isSilent(thrown);
    return true;
  });
});

test('what the SDK finds out for itself is told apart', async () => {
  const id = 'https://example.vault.azure.net/keys/a';
  const words: readonly (readonly [string, FailureCode, string])[] = [
    [`Operation sign is not supported on key ${id}`, 'DENIED', 'key_ops'],
    [`Key ${id} can't be used before 2030-01-01T00:00:00.000Z`, 'DENIED', 'notBefore'],
    [`Key ${id} expired at 2020-01-01T00:00:00.000Z`, 'DENIED', 'expires'],
  ];
  for (const [message, code, field] of words) {
    await assert.rejects(openWith(new Error(message)), failsWith(code, { field }));
  }
});

test('an error that is none of the service stays as it is', async () => {
  const bug = new RangeError('a mistake in a client');
  await assert.rejects(openWith(bug), bug);
});

/** Credentials that fail, each as its name says. */
const LOGINS: Readonly<Record<string, readonly [credential: TokenCredential, code: FailureCode]>> = {
  AuthenticationError: [refusing(new AuthenticationError(400, { error: 'invalid_client' })), 'DENIED'],
  CredentialUnavailableError: [refusing(new CredentialUnavailableError('none')), 'DENIED'],
  AggregateAuthenticationError: [
    new ChainedTokenCredential(refusing(new CredentialUnavailableError('none'))),
    'DENIED',
  ],
  AuthenticationRequiredError: [refusing(new AuthenticationRequiredError({ scopes: [] })), 'DENIED'],
  AbortError: [refusing(Object.assign(new Error('aborted'), { name: 'AbortError' })), 'UNAVAILABLE'],
};

function refusing(error: Error): TokenCredential {
  return {
    async getToken() {
      throw error;
    },
  };
}

test('every name of the table of failures has a test', () => {
  assert.deepEqual(Object.keys(LOGINS).toSorted(), Object.keys(named).toSorted());
});

for (const [name, [credential, code]] of Object.entries(LOGINS)) {
  test(`a login that ends in ${name} is ${code}`, async () => {
    const { vaultUrl, ca } = config;
    const provider = azureKv({ vaultUrl, ca, credential });
    await assert.rejects(provider.open((await signingKey()).ref), failsWith(code));
    await provider.close();
  });
}

/** What the service of tokens answers. The SDK tells none of it apart, so that it cannot be told here either. */
const TOKENS: readonly (readonly [what: string, fault: object])[] = [
  ['throttling', { status: 429 }],
  ['an outage', { status: 503 }],
  ['an HTML page', { body: '<!doctype html>' }],
  ['a broken connection', { reset: true }],
];

for (const method of ['token', 'discovery']) {
  for (const [what, fault] of TOKENS) {
    test(`${what} of the service of tokens (${method}) is UNAVAILABLE, and the next login works`, async (t) => {
      const provider = azureKv(config);
      t.after(() => provider.close());
      const { ref } = await signingKey();
      const failing = async (): Promise<void> => {
        const expected = failsWith('UNAVAILABLE', { operation: 'get' });
        await assert.rejects(provider.open(ref), (error) => expected(error) && isSilent(error));
      };
      assert.equal(await withFaults([{ method, ...fault, times: 9 }], failing), 8);
      assert.equal(String((await provider.open(ref)).ref), String(ref));
    });
  }
}

test('a credential that remembers an outage is UNAVAILABLE as well', async (t) => {
  const provider = await asApplication({ id: emulated.clientId, secret: emulated.clientSecret });
  t.after(() => provider.close());
  const { ref } = await signingKey();
  const failing = (): Promise<void> => assert.rejects(provider.open(ref), failsWith('UNAVAILABLE'));
  await withFaults([{ method: 'token', status: 503 }], failing);
  await failing();
});

test('a login is no longer than the call may take', async (t) => {
  const provider = azureKv(config);
  t.after(() => provider.close());
  const { ref } = await signingKey();
  await withFaults([{ method: 'token', delayMs: 300 }], () =>
    assert.rejects(
      provider.open(ref, { deadline: performance.now() + 50 }),
      failsWith('UNAVAILABLE', { field: 'deadline' }),
    ),
  );
  await provider.open(ref);
});

test('who gives a login up does not take others with him', async (t) => {
  const provider = azureKv(config);
  t.after(() => provider.close());
  const { ref } = await signingKey();
  await withFaults([{ method: 'token', delayMs: 200 }], async () => {
    const first = provider.open(ref, { deadline: performance.now() + 20 });
    const hurried = assert.rejects(first, failsWith('UNAVAILABLE', { field: 'deadline' }));
    const others = await Promise.all([provider.open(ref), provider.open(ref)]);
    await hurried;
    assert.deepEqual(
      others.map((key) => String(key.ref)),
      [String(ref), String(ref)],
    );
  });
});

test('a credential that never answers ends its call, and not the next one', async (t) => {
  const { vaultUrl, ca, authorityHost } = config;
  const { tenantId, clientId, clientSecret } = emulated;
  const how = { authorityHost, disableInstanceDiscovery: true, tlsOptions: { ca } };
  const real = new ClientSecretCredential(tenantId, clientId, clientSecret, how);
  let asked = 0;
  const getToken = (...given: Parameters<typeof real.getToken>): ReturnType<typeof real.getToken> => {
    asked += 1;
    return asked === 1 ? new Promise(() => undefined) : real.getToken(...given);
  };
  const provider = azureKv({ vaultUrl, ca, credential: { getToken } });
  t.after(() => provider.close());
  const { ref } = await signingKey();
  const first = provider.open(ref, { deadline: performance.now() + 50 });
  const others = Promise.all([provider.open(ref), provider.open(ref)]);
  await assert.rejects(first, failsWith('UNAVAILABLE', { field: 'deadline' }));
  await others;
  await provider.open(ref);
});

test('a secret that is put right lets the next call in', async (t) => {
  const who = await application('Key Vault Crypto User');
  const wrong = await asApplication({ ...who, secret: 'canary-not-it' });
  t.after(() => wrong.close());
  const { ref } = await signingKey();
  await assert.rejects(wrong.open(ref), failsWith('DENIED', { field: 'azurekms.credential' }));
  emulated.addClient({ id: who.id, secret: 'canary-not-it', roles: ['Key Vault Crypto User'] });
  await wrong.open(ref);
});

test('a token that the vault takes no more is DENIED', async (t) => {
  const token = { token: 'canary.expired.token', expiresOnTimestamp: Date.now() + 1e6 };
  const { vaultUrl, ca } = config;
  const provider = azureKv({ vaultUrl, ca, credential: { getToken: async () => token } });
  t.after(() => provider.close());
  await assert.rejects(provider.open((await signingKey()).ref), (error) => {
    failsWith('DENIED', { field: 'azurekms.credential' })(error);
    isSilent(error);
    return true;
  });
});

test('the metadata service is not asked where the environment has the credentials', async (t) => {
  const metadata = await answering((answer) => answer.writeHead(404).end());
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = metadata.url;
  t.after(() => useAzureEnvironment(emulated));
  const provider = azureKv(config);
  t.after(() => provider.close());
  await provider.open((await signingKey()).ref);
  const { vaultUrl, ca } = config;
  for (const name of ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']) delete process.env[name];
  const nobody = azureKv({ vaultUrl, ca, credential: new EnvironmentCredential() });
  await assert.rejects(
    nobody.open((await signingKey()).ref),
    failsWith('DENIED', { field: 'azurekms.credential' }),
  );
  assert.equal(metadata.requests(), 0);
});

test('without the SDK the failure says how to install it', () => {
  const script = `
    import { register } from 'node:module';
    import { azureKv } from 'hardkey/providers/azure-kv';
    import { parseKeyRef } from 'hardkey';
    register('data:text/javascript,' + encodeURIComponent(\`
      export async function resolve(name, context, next) {
        if (!name.startsWith('@azure/')) return next(name, context);
        throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
      }\`));
    azureKv().open(parseKeyRef('azurekms://example.vault.azure.net/a'))
      .catch(({ code, message }) => console.log(code, message));`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', script];
  const told = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' });
  assert.match(told, /^UNSUPPORTED .*npm install @azure\/keyvault-keys @azure\/identity/);
});

/** What a failure shows says nothing of credentials, tokens, or what the service wrote. */
function isSilent(error: unknown): true {
  const shown = inspect(error, { depth: 10, showHidden: true });
  for (const secret of ['canary', emulated.clientSecret, 'Bearer', 'eyJ']) {
    assert.ok(!shown.includes(secret), `${secret} does not show`);
  }
  return true;
}
