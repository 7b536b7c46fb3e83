import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createKeys, type FailureCode, type Key, parseKeyRef } from 'hardkey';
import { awsKms } from 'hardkey/providers/aws-kms';
import { named } from '../../../src/providers/aws-kms/failures.ts';
import { type Answering, answering } from '../../support/answering.ts';
import { AWS_ENV, awsServers, microburst, PATIENT } from '../../support/aws.ts';
import { authority, pemOf } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { unused } from './subject.ts';

const skip = awsServers.missing ?? false;
const MESSAGE = new TextEncoder().encode('message');

/** What KMS and the rest of AWS answer, with the status that each has there. */
const ANSWERS: readonly (readonly [name: string, status: number, code: FailureCode, field?: string])[] = [
  ['ThrottlingException', 400, 'OVERLOADED'],
  ['Throttling', 400, 'OVERLOADED'],
  ['TooManyRequestsException', 429, 'OVERLOADED'],
  ['RequestLimitExceeded', 503, 'OVERLOADED'],
  ['LimitExceededException', 400, 'OVERLOADED'],
  ['AccessDeniedException', 400, 'DENIED'],
  ['AccessDenied', 403, 'DENIED'],
  ['OptInRequired', 403, 'DENIED', 'awskms.credentials'],
  ['UnrecognizedClientException', 400, 'DENIED', 'awskms.credentials'],
  ['InvalidClientTokenId', 403, 'DENIED', 'awskms.credentials'],
  ['IncompleteSignature', 400, 'DENIED', 'awskms.credentials'],
  ['MissingAuthenticationToken', 403, 'DENIED', 'awskms.credentials'],
  ['MissingAuthenticationTokenException', 400, 'DENIED', 'awskms.credentials'],
  ['SignatureDoesNotMatch', 403, 'DENIED', 'awskms.credentials'],
  ['InvalidSignatureException', 400, 'DENIED', 'awskms.credentials'],
  ['ExpiredToken', 400, 'DENIED', 'awskms.credentials'],
  ['ExpiredTokenException', 400, 'DENIED', 'awskms.credentials'],
  ['RequestExpired', 400, 'DENIED', 'awskms.credentials'],
  ['RequestTimeTooSkewed', 403, 'DENIED', 'awskms.credentials'],
  ['DisabledException', 400, 'DENIED', 'state'],
  ['KMSInvalidStateException', 400, 'DENIED', 'state'],
  ['NotFoundException', 400, 'KEY_NOT_FOUND'],
  ['InvalidArnException', 400, 'ARGUMENT_INVALID', 'awskms.key'],
  ['InvalidAliasNameException', 400, 'ARGUMENT_INVALID', 'awskms.key'],
  ['AlreadyExistsException', 400, 'KEY_EXISTS'],
  ['InvalidKeyUsageException', 400, 'UNSUPPORTED'],
  ['UnsupportedOperationException', 400, 'UNSUPPORTED'],
  ['UnknownOperationException', 400, 'UNSUPPORTED'],
  ['InvalidAction', 400, 'UNSUPPORTED'],
  ['InvalidCiphertextException', 400, 'DECRYPTION_FAILED'],
  ['IncorrectKeyException', 400, 'DECRYPTION_FAILED'],
  ['KMSInvalidMacException', 400, 'VERIFICATION_FAILED'],
  ['KMSInvalidSignatureException', 400, 'VERIFICATION_FAILED'],
  ['ValidationException', 400, 'ARGUMENT_INVALID'],
  ['TagException', 400, 'ARGUMENT_INVALID', 'awskms.tags'],
  ['MalformedPolicyDocumentException', 400, 'ARGUMENT_INVALID', 'policy'],
  ['InvalidImportTokenException', 400, 'DENIED'],
  ['ExpiredImportTokenException', 400, 'DENIED'],
  ['IncorrectKeyMaterialException', 400, 'DENIED'],
  ['ConflictException', 400, 'DENIED'],
  ['DependencyTimeoutException', 503, 'UNAVAILABLE'],
  ['KMSInternalException', 500, 'UNAVAILABLE'],
  ['KeyUnavailableException', 500, 'UNAVAILABLE'],
  ['InternalFailure', 500, 'UNAVAILABLE'],
  ['InternalServerError', 500, 'UNAVAILABLE'],
  ['ServiceUnavailable', 503, 'UNAVAILABLE'],
  ['ServiceUnavailableException', 503, 'UNAVAILABLE'],
  ['CloudHsmClusterInvalidConfigurationException', 400, 'UNAVAILABLE'],
  ['CustomKeyStoreInvalidStateException', 400, 'UNAVAILABLE'],
  ['XksKeyInvalidConfigurationException', 400, 'UNAVAILABLE'],
];

/** Errors that the SDK throws of itself: each has a test of its own below. */
const OF_THE_SDK = ['CredentialsProviderError', 'TokenProviderError', 'TimeoutError', 'EndpointError'];

let shared: Promise<Key> | undefined;

/** A key behind a proxy that fails as it is told. */
function signingKey(): Promise<Key> {
  shared ??= makeKey();
  return shared;
}

async function makeKey(): Promise<Key> {
  const provider = awsKms({ ...PATIENT, endpoint: await microburst() });
  const made = await provider.create?.(parseKeyRef(unused()), { algorithm: 'ES256' });
  assert.ok(made);
  return made;
}

/** Gives microburst rules while `act` runs, and says how often they fired. */
async function withRules(rules: readonly object[], act: () => Promise<unknown>): Promise<number> {
  const url = await microburst();
  const fired = async (): Promise<readonly { readonly ts: number }[]> =>
    (await (await fetch(`${url}/_microburst/fired`)).json()) as readonly { readonly ts: number }[];
  const last = (await fired()).at(-1)?.ts ?? 0;
  const setRules = async (wanted: readonly object[]): Promise<void> => {
    const body = JSON.stringify(wanted);
    const headers = { 'content-type': 'application/json' };
    assert.ok((await fetch(`${url}/_microburst/rules`, { method: 'POST', headers, body })).ok);
  };
  await setRules(rules.map((rule) => ({ service: 'kms', operation: 'Sign', ...rule })));
  try {
    await act();
    return (await fired()).filter(({ ts }) => ts > last).length;
  } finally {
    await setRules([]);
  }
}

test('every row of the table of failures has a test', () => {
  const tested = [...ANSWERS.map(([name]) => name), ...OF_THE_SDK];
  assert.deepEqual(tested.toSorted(), Object.keys(named).toSorted());
});

for (const [name, status, code, field] of ANSWERS) {
  test(`${name} is ${code}, and is asked for once`, { skip }, async () => {
    const key = await signingKey();
    const details = field === undefined ? { operation: 'Sign' } : { operation: 'Sign', field };
    const fired = await withRules([{ error: { code: name, status } }], () =>
      assert.rejects(key.use('ES256').sign(MESSAGE), (error) => {
        failsWith(code, details)(error);
        assert.match(String(error), new RegExp(`kms:Sign, ${name}`));
        assertSilent(error);
        return true;
      }),
    );
    assert.equal(fired, 1);
  });
}

const CUT: readonly (readonly [what: string, rule: object])[] = [
  ['a connection that is reset', { reset: true }],
  ['an answer that is truncated', { response: { truncate_bytes: 40 } }],
  ['an answer that is corrupt', { response: { corrupt_bytes: 60 } }],
  ['an answer that breaks off', { response: { abort_bytes: 40 } }],
];

for (const [what, rule] of CUT) {
  test(`${what} is UNAVAILABLE`, { skip }, async () => {
    const key = await signingKey();
    await withRules([rule], () =>
      assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('UNAVAILABLE', { operation: 'Sign' })),
    );
  });
}

test('what is throttled once is repeated once by the policy, and by nobody else', { skip }, async (t) => {
  const keys = createKeys([awsKms({ ...PATIENT, endpoint: await microburst() })]);
  t.after(() => keys.close());
  const key = await signingKey();
  const signer = (await keys.open(key.ref)).use('ES256');
  const throttle = { error: { code: 'ThrottlingException', status: 400 } };
  assert.equal(await withRules([{ ...throttle, times: 1 }], () => signer.sign(MESSAGE)), 1);
  const fired = await withRules([{ ...throttle, times: 5 }], () =>
    assert.rejects(signer.sign(MESSAGE), failsWith('OVERLOADED')),
  );
  assert.equal(fired, 2);
});

/** Opens a key of a server of our own. */
async function openAt(endpoint: string, more: object = {}): Promise<Key> {
  const provider = awsKms({ endpoint, ...more });
  try {
    return await provider.open(parseKeyRef('awskms:///alias/a'));
  } finally {
    await provider.close();
  }
}

const HTML = '<!doctype html><title>Sign in to the network</title>';

const FOREIGN: readonly (readonly [
  what: string,
  code: FailureCode,
  act: Answering,
  retryAfterMs?: number,
])[] = [
  ['an HTML page', 'UNAVAILABLE', (answer) => answer.end(HTML)],
  ['an HTML page of a gateway', 'UNAVAILABLE', (answer) => answer.writeHead(502).end(HTML)],
  ['an HTML page that refuses', 'DENIED', (answer) => answer.writeHead(403).end(HTML)],
  ['a page that is not there', 'UNAVAILABLE', (answer) => answer.writeHead(404).end(HTML)],
  ['an answer without a body', 'UNAVAILABLE', (answer) => answer.end()],
  ['an empty object', 'UNAVAILABLE', (answer) => answer.end('{}')],
  ['an answer of another shape', 'UNAVAILABLE', (answer) => answer.end('{"KeyMetadata":{"Arn":"a"}}')],
  ['a list', 'UNAVAILABLE', (answer) => answer.end('[]')],
  ['text', 'UNAVAILABLE', (answer) => answer.end('"text"')],
  ['a status that says to wait', 'OVERLOADED', (answer) => answer.writeHead(429).end(HTML)],
  [
    'throttling for some seconds',
    'OVERLOADED',
    (answer) =>
      answer.writeHead(400, { 'retry-after': '7' }).end('{"__type":"ThrottlingException","message":"m"}'),
    7000,
  ],
  ['an unknown refusal', 'DENIED', (answer) => answer.writeHead(400).end('{"__type":"NewException"}')],
];

for (const [what, code, act, retryAfterMs] of FOREIGN) {
  test(`${what} is ${code}`, async () => {
    const server = await answering(act);
    const expected = { provider: 'awskms', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    await assert.rejects(openAt(server.url), failsWith(code, expected));
    // What the key is, and its public half: nothing is asked twice.
    assert.equal(server.requests(), 2);
  });
}

test('a throttled call waits as long as the service asks, and not beyond the deadline', async () => {
  const server = await answering((answer) =>
    answer.writeHead(400, { 'retry-after': '60' }).end('{"__type":"ThrottlingException","message":"m"}'),
  );
  await using keys = createKeys([awsKms({ endpoint: server.url })], { deadlineMs: 5000 });
  await assert.rejects(keys.open('awskms:///alias/a'), failsWith('OVERLOADED', { retryAfterMs: 60_000 }));
  assert.equal(server.requests(), 2);
});

const SLOW: readonly (readonly [what: string, act: Answering])[] = [
  ['a service that answers nothing', () => undefined],
  ['a body that never ends', (answer) => answer.writeHead(200, { 'content-length': '100' }).write('{')],
];

for (const [what, act] of SLOW) {
  test(`${what} is UNAVAILABLE when its time is over`, async () => {
    const server = await answering(act);
    const field = 'timeoutMs';
    await assert.rejects(openAt(server.url, { timeoutMs: 50 }), failsWith('UNAVAILABLE', { field }));
    const provider = awsKms({ endpoint: server.url });
    const options = { deadline: performance.now() + 50 };
    await assert.rejects(
      provider.open(parseKeyRef('awskms:///alias/a'), options),
      failsWith('UNAVAILABLE', { field: 'deadline' }),
    );
    const waiting = provider.open(parseKeyRef('awskms:///alias/a'));
    const closed = assert.rejects(waiting, failsWith('UNAVAILABLE', { field: 'closed' }));
    await provider.close();
    await closed;
  });
}

test('a call that is ended at any moment fails by its reason', async () => {
  const server = await answering((answer) => answer.end('{}'));
  const provider = awsKms({ endpoint: server.url });
  for (let turns = 0; turns < 40; turns++) {
    const ending = new AbortController();
    const reason = new Error('ended by its caller');
    const opening = provider.open(parseKeyRef('awskms:///alias/a'), { signal: ending.signal });
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    ending.abort(reason);
    await assert.rejects(opening, (error) => error === reason, `after ${turns} turns`);
  }
  await provider.close();
});

test('an endpoint where nobody listens is UNAVAILABLE', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  await assert.rejects(openAt(`http://127.0.0.1:${port}`), failsWith('UNAVAILABLE'));
});

test('an endpoint whose name is not known is UNAVAILABLE', async () => {
  await assert.rejects(openAt('http://kms.invalid'), failsWith('UNAVAILABLE'));
});

test('an authority that is not trusted is UNAVAILABLE, and nothing is asked', async () => {
  const made = authority({ subject: 'nobody' });
  const key = made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const server = await answering((answer) => answer.end('{}'), { key, cert: pemOf(made) });
  await assert.rejects(openAt(server.url), failsWith('UNAVAILABLE', { field: 'awskms.endpoint' }));
  assert.equal(server.requests(), 0);
});

test('an endpoint that does not speak TLS is UNAVAILABLE', async () => {
  const { url } = await answering((answer) => answer.end('{}'));
  await assert.rejects(openAt(url.replace('http:', 'https:')), failsWith('UNAVAILABLE'));
});

/** Runs `act` in other surroundings. */
async function inEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  act: () => Promise<void>,
): Promise<void> {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  try {
    await act();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, AWS_ENV);
  }
}

const NO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
};

test('without a region the call is ARGUMENT_INVALID', async () => {
  await inEnvironment({ AWS_REGION: undefined }, async () => {
    await assert.rejects(
      openAt('http://127.0.0.1:1'),
      failsWith('ARGUMENT_INVALID', { field: 'awskms.region' }),
    );
  });
});

const WRONG_SURROUNDINGS: readonly (readonly [
  env: Readonly<Record<string, string | undefined>>,
  FailureCode,
  field: string,
])[] = [
  [{ AWS_REGION: 'no region!' }, 'ARGUMENT_INVALID', 'awskms.region'],
  [{ AWS_DEFAULTS_MODE: 'nonsense' }, 'ARGUMENT_INVALID', 'awskms.defaultsMode'],
  [{ AWS_ENDPOINT_URL_KMS: 'no-url' }, 'ARGUMENT_INVALID', 'awskms.endpoint'],
  [{ AWS_ENDPOINT_URL_KMS: 'http://localhost:99999' }, 'ARGUMENT_INVALID', 'awskms.endpoint'],
  [
    { AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1', AWS_USE_FIPS_ENDPOINT: 'true' },
    'ARGUMENT_INVALID',
    'awskms.endpoint',
  ],
  [
    { AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1', AWS_SESSION_TOKEN: 'canary\ntoken' },
    'DENIED',
    'awskms.credentials',
  ],
  [
    { ...NO_CREDENTIALS, AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' },
    'DENIED',
    'awskms.credentials',
  ],
];

for (const [env, code, field] of WRONG_SURROUNDINGS) {
  test(`${JSON.stringify(env)} is ${code}`, async () => {
    await inEnvironment(env, async () => {
      const provider = awsKms();
      await assert.rejects(provider.open(parseKeyRef('awskms:///alias/a')), (error) => {
        failsWith(code, { field })(error);
        assertSilent(error);
        return true;
      });
      await provider.close();
    });
  });
}

test('without credentials the call is DENIED, and what is found later is used', { skip }, async (t) => {
  const key = await signingKey();
  const provider = awsKms({ ...PATIENT, endpoint: await microburst() });
  t.after(() => provider.close());
  await inEnvironment(NO_CREDENTIALS, async () => {
    await assert.rejects(provider.open(key.ref), failsWith('DENIED', { field: 'awskms.credentials' }));
  });
  assert.equal((await provider.open(key.ref)).id, key.id);
});

test('a process of credentials that never answers ends its call, and not the next one', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hk-aws-process-'));
  const path = join(folder, 'credentials');
  const run = join(folder, 'run');
  const pid = join(folder, 'pid');
  const answer = '{"Version":1,"AccessKeyId":"123456789012","SecretAccessKey":"s"}';
  const script = `if [ -e ${pid} ]; then echo '${answer}'; else echo $$ > ${pid}; exec sleep 60; fi`;
  writeFileSync(run, script);
  writeFileSync(path, `[issuing]\ncredential_process = sh ${run}\n`);
  t.after(() => {
    process.kill(Number(readFileSync(pid, 'utf8')));
    rmSync(folder, { recursive: true, force: true });
  });
  const key = await signingKey();
  const provider = awsKms({ ...PATIENT, endpoint: await microburst() });
  t.after(() => provider.close());
  const there = { ...NO_CREDENTIALS, AWS_SHARED_CREDENTIALS_FILE: path, AWS_PROFILE: 'issuing' };
  await inEnvironment(there, async () => {
    const stop = new AbortController();
    const first = assert.rejects(provider.open(key.ref, { signal: stop.signal }), { name: 'AbortError' });
    while (!existsSync(pid)) await setTimeout(10);
    stop.abort();
    await first;
    assert.equal((await provider.open(key.ref)).id, key.id);
  });
});

test('a profile serves as credentials do, and its absence is DENIED', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hk-aws-profile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'credentials');
  const key = await signingKey();
  writeFileSync(path, '[issuing]\naws_access_key_id = 123456789012\naws_secret_access_key = s\n');
  const there = { ...NO_CREDENTIALS, AWS_SHARED_CREDENTIALS_FILE: path };
  const openWith = async (profile: string): Promise<string> => {
    const provider = awsKms({ ...PATIENT, endpoint: await microburst() });
    t.after(() => provider.close());
    let id = '';
    await inEnvironment({ ...there, AWS_PROFILE: profile }, async () => {
      ({ id } = await provider.open(key.ref));
    });
    return id;
  };
  assert.equal(await openWith('issuing'), key.id);
  await assert.rejects(openWith('nobody'), failsWith('DENIED', { field: 'awskms.credentials' }));
});

test('credentials that have expired are not kept: those that a file has by then are used', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hk-aws-renewed-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'credentials');
  const asked = new Set<string | undefined>();
  const server = await answering((answer, _body, { headers }) => {
    asked.add(/Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
    answer.writeHead(400).end('{"__type":"ExpiredTokenException"}');
  });
  const provider = awsKms({ endpoint: server.url });
  t.after(() => provider.close());
  const asksAs = async (...ids: readonly string[]): Promise<void> => {
    asked.clear();
    const opening = provider.open(parseKeyRef('awskms:///alias/a'));
    await assert.rejects(opening, failsWith('DENIED', { field: 'awskms.credentials' }));
    assert.deepEqual([...asked], ids);
  };
  await inEnvironment({ ...NO_CREDENTIALS, AWS_SHARED_CREDENTIALS_FILE: path }, async () => {
    await asksAs();
    for (const id of ['first', 'second']) {
      writeFileSync(path, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`);
      await asksAs(id);
    }
  });
});

for (const [status, name, code, field] of [
  [403, 'AccessDenied', 'DENIED', 'awskms.credentials'],
  [400, 'ValidationError', 'DENIED', 'awskms.credentials'],
  [400, 'ExpiredTokenException', 'DENIED', 'awskms.credentials'],
  [400, 'Throttling', 'OVERLOADED', undefined],
  [503, 'ServiceUnavailable', 'UNAVAILABLE', undefined],
] as const) {
  test(`a role that is not given out, ${name}, is ${code}, and no matter of the key`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hk-aws-role-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'credentials');
    const source = 'aws_access_key_id = 123456789012\naws_secret_access_key = s\n';
    const role = 'role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = source\n';
    writeFileSync(path, `[source]\n${source}[issuing]\n${role}`);
    const body = `<ErrorResponse><Error><Code>${name}</Code><Message>canary-text</Message></Error></ErrorResponse>`;
    const sts = await answering((answer) =>
      answer.writeHead(status, { 'content-type': 'text/xml' }).end(body),
    );
    const there = {
      ...NO_CREDENTIALS,
      AWS_SHARED_CREDENTIALS_FILE: path,
      AWS_PROFILE: 'issuing',
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_MAX_ATTEMPTS: '1',
    };
    await inEnvironment(there, async () => {
      await assert.rejects(openAt('http://127.0.0.1:1'), (error) => {
        failsWith(code, field === undefined ? {} : { field })(error);
        assertSilent(error);
        return true;
      });
    });
  });
}

test('the metadata service is asked only where the chain finds nothing else', { skip }, async (t) => {
  const metadata = await answering((answer) => answer.writeHead(404).end());
  const key = await signingKey();
  const provider = awsKms({ ...PATIENT, endpoint: await microburst() });
  t.after(() => provider.close());
  const there = {
    AWS_EC2_METADATA_DISABLED: undefined,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
  };
  await inEnvironment(there, async () => {
    await (await provider.open(key.ref)).use('ES256').sign(MESSAGE);
    assert.equal(metadata.requests(), 0);
  });
  await inEnvironment({ ...there, ...NO_CREDENTIALS }, async () => {
    const other = awsKms({ ...PATIENT, endpoint: await microburst() });
    await assert.rejects(other.open(key.ref), failsWith('DENIED', { field: 'awskms.credentials' }));
    await other.close();
    assert.notEqual(metadata.requests(), 0);
  });
});

test('without the SDK the failure says how to install it', async () => {
  const { execFileSync } = await import('node:child_process');
  const { url } = import.meta;
  const script = `
    import { register } from 'node:module';
    import { awsKms } from 'hardkey/providers/aws-kms';
    import { parseKeyRef } from 'hardkey';
    register('data:text/javascript,' + encodeURIComponent(\`
      export async function resolve(name, context, next) {
        if (name !== '@aws-sdk/client-kms') return next(name, context);
        throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' });
      }\`));
    awsKms().open(parseKeyRef('awskms:///alias/a')).catch(({ code, message }) => console.log(code, message));`;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', script];
  const told = execFileSync(process.execPath, args, { cwd: new URL('.', url).pathname, encoding: 'utf8' });
  assert.match(told, /^UNSUPPORTED .*npm install @aws-sdk\/client-kms/);
});

/** What a failure shows says nothing of the credentials. */
function assertSilent(error: unknown): void {
  const shown = inspect(error, { depth: 10, showHidden: true });
  assert.ok(!shown.includes('canary-') && !shown.includes('Credential='), 'no credentials show');
}
