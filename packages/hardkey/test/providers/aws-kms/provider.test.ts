import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type Algorithm, createKeys, type Keys, type PublicKey, parseKeyRef, Secret } from 'hardkey';
import { type AwsKmsConfig, awsKms, type KmsClient } from 'hardkey/providers/aws-kms';
import { answering } from '../../support/answering.ts';
import { awsServers, ministack, moto, PATIENT, REGION } from '../../support/aws.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { httpDoor } from '../../support/http-door.ts';
import { PATIENTLY, specOf, unused } from './subject.ts';

const skip = awsServers.missing ?? false;
const MESSAGE = Buffer.from('message');

async function keysAt(
  t: TestContext,
  server: () => Promise<string> = ministack,
  config: AwsKmsConfig = {},
): Promise<Keys> {
  const keys = createKeys([awsKms({ ...PATIENT, endpoint: await server(), ...config })], PATIENTLY);
  t.after(() => keys.close());
  return keys;
}

/** A client of the SDK, beside the provider. */
async function bareClient(t: TestContext, server: () => Promise<string> = ministack): Promise<KMSClient> {
  const client = new KMSClient({ endpoint: await server(), maxAttempts: 1 });
  t.after(() => client.destroy());
  return client;
}

test('the reference is pinned to the ARN, and names the region and the account', { skip }, async (t) => {
  const keys = await keysAt(t);
  const ref = unused();
  const made = await keys.create(ref, { algorithm: 'ES256' });
  const opened = await keys.open(ref);
  assert.equal(String(opened.ref), String(made.ref));
  assert.match(String(opened.ref), new RegExp(`^awskms:///arn:aws:kms:${REGION}:123456789012:key/`));
  assert.equal(opened.use('ES256').key.ref.body, opened.ref.body);
  const { place, level, facts } = opened.custody;
  assert.deepEqual([place, level], ['service', 'attributed']);
  assert.deepEqual(
    [facts['region'], facts['account'], facts['spec'], facts['origin'], facts['multiRegion']],
    [REGION, '123456789012', 'ECC_NIST_P256', 'AWS_KMS', false],
  );
  const id = String(opened.ref).split('/').at(-1) ?? '';
  const alias = ref.replace('awskms:///', '');
  const arn = opened.ref.body.replace('///', '');
  for (const name of [
    `awskms:///${id}`,
    `awskms:///${id}?region=${REGION}`,
    // smallstep's names.
    `awskms:key-id=${id}`,
    `awskms:key-id=${id};region=${REGION}`,
    `awskms:key-id=${alias}?region=${REGION}`,
    `awskms:key-id=${encodeURIComponent(arn)}`,
    `awskms:key-id=${arn}`,
  ]) {
    assert.equal(String((await keys.open(name)).ref), String(opened.ref));
  }
});

test('an alias that moves changes nothing that was opened, and a fingerprint refuses it', {
  skip,
}, async (t) => {
  const keys = await keysAt(t);
  const [ref, other] = [unused(), unused()];
  const first = await keys.create(ref, { algorithm: 'ES256' });
  const second = await keys.create(other, { algorithm: 'ES256' });
  const { fingerprint = '' } = first.publicKey ?? {};
  const signer = (await keys.open(ref, { fingerprint })).use('ES256');
  const { UpdateAliasCommand } = await import('@aws-sdk/client-kms');
  const TargetKeyId = String(second.ref).split('/').at(-1);
  const AliasName = ref.replace('awskms:///', '');
  await (await bareClient(t)).send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  // createKeys verifies it under the key that was pinned.
  await signer.sign(MESSAGE);
  await assert.rejects(
    keys.open(ref, { fingerprint }),
    failsWith('SIGNER_MISMATCH', { expected: fingerprint }),
  );
  assert.equal((await keys.open(ref)).id, second.id);
});

const NODE: Readonly<Partial<Record<Algorithm, { readonly hash: string | null; readonly pss?: true }>>> = {
  Ed25519: { hash: null },
  ES256: { hash: 'sha256' },
  ES384: { hash: 'sha384' },
  ES512: { hash: 'sha512' },
  ES256K: { hash: 'sha256' },
  PS256: { hash: 'sha256', pss: true },
  PS384: { hash: 'sha384', pss: true },
  PS512: { hash: 'sha512', pss: true },
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
};

for (const [name, { hash, pss }] of Object.entries(NODE)) {
  test(`OpenSSL verifies ${name} of both ways to send it`, { skip }, async () => {
    const algorithm = name as 'ES256';
    // OpenSSL is the one that verifies here.
    await using keys = createKeys([awsKms({ ...PATIENT, endpoint: await ministack() })], {
      ...PATIENTLY,
      releaseUnverified: true,
    });
    const key = await keys.create(unused(), specOf(algorithm));
    const pem = createPublicKey(key.publicKey?.toPem() ?? '');
    const how = pss && { padding: 6, saltLength: Number(hash?.slice(3)) / 8 };
    const to = { key: pem, dsaEncoding: 'ieee-p1363' as const, ...how };
    for (const length of hash === null ? [1, 4096] : [0, 1, 4096, 4097]) {
      const message = Buffer.alloc(length, 7);
      assert.ok(verify(hash, message, to, await key.use(algorithm).sign(message)), String(length));
    }
    if (hash === null) return;
    const digest = createHash(hash).update(MESSAGE).digest();
    assert.ok(verify(hash, MESSAGE, to, await key.useDigest(algorithm).signDigest(digest)));
  });
}

test('the service verifies where it is asked to, and refuses what is not genuine', { skip }, async (t) => {
  const provider = awsKms({ ...PATIENT, endpoint: await ministack() });
  const keys = createKeys([provider], PATIENTLY);
  t.after(() => keys.close());
  for (const name of ['ES256', 'RS256', 'Ed25519'] as const) {
    const key = await keys.create(unused(), specOf(name));
    for (const length of name === 'Ed25519' ? [1, 4096] : [0, 1, 5000]) {
      const message = Buffer.alloc(length, 7);
      const signature = await key.use(name).sign(message);
      await provider.verifyAtService(key.ref, name, message, signature);
      const changed = Uint8Array.from(signature);
      changed[20] = (changed[20] ?? 0) ^ 1;
      for (const wrong of [changed, signature.subarray(1), new Uint8Array()]) {
        const asked = provider.verifyAtService(key.ref, name, message, wrong);
        await assert.rejects(asked, failsWith('VERIFICATION_FAILED'), `${name} ${wrong.length}`);
      }
    }
    const other = provider.verifyAtService(key.ref, 'ES384', MESSAGE, new Uint8Array(96));
    await assert.rejects(other, failsWith('UNSUPPORTED', { algorithm: 'ES384' }));
  }
});

test('what KMS cannot take is refused before any request', { skip }, async (t) => {
  const door = await httpDoor(await ministack());
  t.after(() => door.close());
  const keys = await keysAt(t, async () => door.url);
  const long = new Uint8Array(4097);
  const edwards = await keys.create(unused(), { algorithm: 'Ed25519' });
  const code = await keys.create(unused(), { algorithm: 'HS256' });
  const wrapper = await keys.create(unused(), { algorithm: 'service' });
  const before = door.requests();
  for (const wrong of [long, new Uint8Array()]) {
    const refused = failsWith('ARGUMENT_INVALID', { field: 'message' });
    await assert.rejects(edwards.use('Ed25519').sign(wrong), refused);
    await assert.rejects(code.use('HS256').mac(wrong), refused);
    await assert.rejects(wrapper.use('service').wrap(wrong), refused);
  }
  assert.throws(() => edwards.useDigest('Ed25519'), failsWith('UNSUPPORTED'));
  assert.equal(door.requests(), before);
});

test('the SDK is asked for Ed25519 and never for Ed25519ph', { skip }, async (t) => {
  const { commands, client } = await recording(t);
  const keys = createKeys([awsKms({ ...PATIENT, client })]);
  const key = await keys.create(unused(), { algorithm: 'Ed25519' });
  await key.use('Ed25519').sign(MESSAGE);
  const { MessageType, SigningAlgorithm } = commands.at(-1)?.input ?? {};
  assert.deepEqual([MessageType, SigningAlgorithm], ['RAW', 'ED25519_SHA_512']);
});

interface SentCommand {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An object with the one method that is called, which passes to the SDK what it writes down. */
async function recording(t: TestContext, server: () => Promise<string> = ministack) {
  const inner: KmsClient = await bareClient(t, server);
  const commands: SentCommand[] = [];
  const client: KmsClient = {
    send(command, options) {
      const { input } = command as { readonly input: SentCommand['input'] };
      commands.push({ name: command.constructor.name.replace('Command', ''), input });
      return inner.send(command, options);
    },
  };
  return { commands, client };
}

test('any object with send serves as the client, and the public key is asked for once', {
  skip,
}, async (t) => {
  const { commands, client } = await recording(t);
  const keys = createKeys([awsKms({ ...PATIENT, client })]);
  const ref = unused();
  await keys.create(ref, { algorithm: 'ES256' });
  for (let times = 0; times < 3; times++) await (await keys.open(ref)).use('ES256').sign(MESSAGE);
  const count = (name: string): number => commands.filter((one) => one.name === name).length;
  assert.deepEqual([count('GetPublicKey'), count('Sign')], [2, 3]);
  await keys.close();
  // It is the caller's to close.
  await client.send(new SignCommand(commands.findLast(({ name }) => name === 'Sign')?.input as never));
  assert.throws(
    () => awsKms({ client, region: REGION }),
    failsWith('ARGUMENT_INVALID', { field: 'awskms.region' }),
  );
  const elsewhere = awsKms({ ...PATIENT, client }).open(parseKeyRef('awskms://kms.example.org/alias/a'));
  await assert.rejects(elsewhere, failsWith('ARGUMENT_INVALID', { field: 'awskms.client' }));
});

const WRONG: readonly (readonly [field: string, config: object])[] = [
  ['awskms.other', { other: 1 }],
  ['awskms.client', { client: {} }],
  ['awskms.key', { key: 'alias' }],
  ['awskms.region', { region: 'Nowhere' }],
  ['awskms.endpoint', { endpoint: 'kms.example.org' }],
  ['awskms.endpoint', { endpoint: 'https://user:secret@kms.example.org' }],
  ['awskms.encryptionContext', { encryptionContext: { a: 1 } }],
  ['awskms.tags', { tags: 'a' }],
  ['awskms.deletionDays', { deletionDays: 6 }],
  ['awskms.allowForeign', { allowForeign: 'yes' }],
  ['awskms.timeoutMs', { timeoutMs: 0 }],
];

for (const [field, config] of WRONG) {
  test(`a configuration with ${JSON.stringify(config)} is refused`, () => {
    assert.throws(() => awsKms(config), failsWith('ARGUMENT_INVALID', { field }));
  });
}

test('an answer of another key is refused', async () => {
  const arn = (id: string): string => `arn:aws:kms:${REGION}:123456789012:key/8cc85619-dbf7-493a-a855-${id}`;
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const [own, other] = [arn('b218f3f95793'), arn('b218f3f95794')];
  const metadata = { Arn: own, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', KeyState: 'Enabled' };
  const answers: Record<string, unknown> = {
    DescribeKey: { KeyMetadata: metadata },
    GetPublicKey: { KeyId: own, PublicKey: spki, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' },
    Sign: { KeyId: other, Signature: 'AAAA', SigningAlgorithm: 'ECDSA_SHA_256' },
  };
  const { url } = await answering((answer, _body, { headers }) => {
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    answer.end(JSON.stringify(answers[operation]));
  });
  await using keys = createKeys([awsKms({ endpoint: url })], { breaker: false });
  const key = await keys.open(`awskms:///${own}`);
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('SIGNER_MISMATCH', { operation: 'Sign' }));
  // Long-form lengths, trailing bytes and negative numbers are no DER of a signature.
  for (const wrong of ['3008020101020101ff', '30810602010102010100', '3006020181020101', '']) {
    answers['Sign'] = {
      KeyId: own,
      Signature: Buffer.from(wrong, 'hex').toString('base64'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    };
    await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('UNAVAILABLE'), wrong);
  }
  answers['Sign'] = {};
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('UNAVAILABLE', { operation: 'Sign' }));
  answers['Sign'] = { KeyId: own, Signature: 'MAYCAQECAQE=', SigningAlgorithm: 'ECDSA_SHA_256' };
  await assert.rejects(key.use('ES256').sign(MESSAGE), failsWith('SIGNER_MISMATCH'));
  answers['DescribeKey'] = { KeyMetadata: { ...metadata, Arn: other } };
  await assert.rejects(keys.open(`awskms:///${own}`), failsWith('SIGNER_MISMATCH'));
  answers['DescribeKey'] = { KeyMetadata: { ...metadata, KeySpec: 'ECC_NIST_P384' } };
  await assert.rejects(keys.open(`awskms:///${own}`), failsWith('SIGNER_MISMATCH'));
});

test('a code that is cut off is none, and none of another length is asked about', async () => {
  const own = `arn:aws:kms:${REGION}:123456789012:key/8cc85619-dbf7-493a-a855-b218f3f95793`;
  const use = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC', KeyState: 'Enabled' };
  const answers: Record<string, unknown> = {
    DescribeKey: { KeyMetadata: { Arn: own, ...use } },
    GenerateMac: { KeyId: own, Mac: Buffer.alloc(31).toString('base64') },
  };
  const { url, requests } = await answering((answer, _body, { headers }) => {
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    const known = answers[operation];
    answer.writeHead(known ? 200 : 400).end(JSON.stringify(known ?? { __type: 'ValidationException' }));
  });
  await using keys = createKeys([awsKms({ endpoint: url })]);
  const mac = (await keys.open(`awskms:///${own}`)).use('HS256');
  await assert.rejects(mac.mac(MESSAGE), failsWith('UNAVAILABLE', { operation: 'GenerateMac' }));
  const asked = requests();
  for (const length of [0, 31, 33]) {
    await assert.rejects(mac.verifyMac(MESSAGE, new Uint8Array(length)), failsWith('VERIFICATION_FAILED'));
  }
  assert.equal(requests(), asked);
});

test('who may not describe a key, and may sign with it, opens it by its public half', { skip }, async (t) => {
  const keys = await keysAt(t);
  const ref = unused();
  const made = await keys.create(ref, { algorithm: 'ES256' });
  const inner: KmsClient = await bareClient(t);
  const denying: KmsClient = {
    send(command, options) {
      const denied = /^Describe/.test(command.constructor.name);
      if (!denied) return inner.send(command, options);
      return Promise.reject(Object.assign(new Error(), { name: 'AccessDeniedException' }));
    },
  };
  await using narrow = createKeys([awsKms({ client: denying })]);
  const key = await narrow.open(ref);
  assert.deepEqual([key.id, key.custody.level], [made.id, 'claimed']);
  await key.use('ES256').sign(MESSAGE);
});

test('a disabled key whose public half is not shown is found, and is bound to nothing', {
  skip,
}, async (t) => {
  const keys = await keysAt(t);
  const ref = unused();
  await keys.create(ref, { algorithm: 'ES256' });
  await keys.setState(ref, 'suspended');
  const inner: KmsClient = await bareClient(t);
  const hiding: KmsClient = {
    send: (command, options) =>
      command.constructor.name === 'GetPublicKeyCommand'
        ? Promise.reject(Object.assign(new Error(), { name: 'DisabledException' }))
        : inner.send(command, options),
  };
  await using others = createKeys([awsKms({ client: hiding })]);
  const key = await others.open(ref);
  assert.deepEqual([key.state, key.algorithms, key.publicKey], ['suspended', ['ES256'], undefined]);
  assert.throws(() => key.use('ES256'), failsWith('DENIED', { field: 'state' }));
});

test('a context is bound to what is wrapped', { skip }, async (t) => {
  const ref = unused();
  const keys = await keysAt(t, moto, { encryptionContext: { tenant: 'a' } });
  await keys.create(ref, { algorithm: 'service' });
  const wrapped = await (await keys.open(ref)).use('service').wrap(new Uint8Array(32));
  assert.equal((await (await keys.open(ref)).use('service').unwrap(wrapped)).length, 32);
  const changed = Uint8Array.from(wrapped);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const failed = failsWith('DECRYPTION_FAILED');
  await assert.rejects((await keys.open(ref)).use('service').unwrap(changed), failed);
  for (const encryptionContext of [undefined, { tenant: 'b' }]) {
    const others = await keysAt(t, moto, encryptionContext === undefined ? {} : { encryptionContext });
    await assert.rejects((await others.open(ref)).use('service').unwrap(wrapped), failed);
  }
});

test('rotating a key of the service changes its material, and opens what was wrapped', {
  skip,
}, async (t) => {
  const { commands, client } = await recording(t, moto);
  const keys = createKeys([awsKms({ ...PATIENT, client })]);
  const ref = unused();
  const made = await keys.create(ref, { algorithm: 'service' });
  const wrapped = await made.use('service').wrap(new Uint8Array(32));
  const rotated = await keys.rotate(ref);
  assert.equal(String(rotated.ref), String(made.ref));
  assert.ok(commands.some(({ name }) => name === 'RotateKeyOnDemand'));
  assert.equal((await rotated.use('service').unwrap(wrapped)).length, 32);
});

const IMPORTED = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: () => generateKeyPairSync('ed25519'),
} as const;

for (const [name, generate] of Object.entries(IMPORTED)) {
  test(`a key of others is imported for ${name}, and signs as it did`, { skip }, async (t) => {
    const keys = await keysAt(t);
    const pair = generate();
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const algorithm = name as 'ES256';
    const material = new Secret(Buffer.from(pem));
    const key = await keys.import(unused(), { material, algorithm });
    assert.equal(key.custody.facts['origin'], 'EXTERNAL');
    const signature = await key.use(algorithm).sign(MESSAGE);
    const hash = name === 'Ed25519' ? null : 'sha256';
    assert.ok(verify(hash, MESSAGE, { key: pair.publicKey, dsaEncoding: 'ieee-p1363' }, signature));
  });
}

test('a key that cannot be completed is deleted again', { skip }, async (t) => {
  const { commands, client } = await recording(t);
  const failing: KmsClient = {
    send: (command, options) =>
      command.constructor.name === 'CreateAliasCommand'
        ? Promise.reject(Object.assign(new Error(), { name: 'AccessDeniedException' }))
        : client.send(command, options),
  };
  await using keys = createKeys([awsKms({ client: failing })]);
  await assert.rejects(keys.create(unused(), { algorithm: 'ES256' }), failsWith('DENIED'));
  assert.equal(commands.at(-1)?.name, 'ScheduleKeyDeletion');
});

test('keys that were not made here are changed only where that was allowed', { skip }, async (t) => {
  const { CreateKeyCommand } = await import('@aws-sdk/client-kms');
  const client = await bareClient(t);
  const { KeyMetadata } = await client.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  );
  const ref = `awskms:///${KeyMetadata?.Arn}`;
  const keys = await keysAt(t);
  const refused = failsWith('DENIED', { field: 'awskms.allowForeign' });
  await assert.rejects(keys.destroy(ref), refused);
  await assert.rejects(keys.setState(ref, 'suspended'), refused);
  await assert.rejects(keys.rotate(ref), refused);
  await (await keys.open(ref)).use('ES256').sign(MESSAGE);
  const allowed = await keysAt(t, ministack, { allowForeign: true });
  await assert.rejects(allowed.rotate(ref), failsWith('ARGUMENT_INVALID', { field: 'awskms.key' }));
  await allowed.destroy(ref);
  await assert.rejects(keys.open(ref), failsWith('DENIED', { field: 'state' }));
  await assert.rejects(keys.check(ref), failsWith('DENIED', { field: 'state' }));
});

test('a rotation that ends half-way says which key is to be suspended', { skip }, async (t) => {
  const client = await bareClient(t);
  const outage = Object.assign(new Error('canary-words'), { name: 'KMSInternalException', $metadata: {} });
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'UpdateKeyDescriptionCommand') throw outage;
        return next(args);
      },
    { step: 'initialize' },
  );
  const provider = awsKms({ ...PATIENT, client });
  t.after(() => provider.close());
  const ref = unused();
  const old = await provider.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
  const told = `${String(old?.ref)} is to be suspended`;
  await assert.rejects(
    async () => provider.rotate?.(parseKeyRef(ref)),
    (error) => failsWith('UNAVAILABLE')(error) && String(error).includes(told),
  );
  assert.notEqual((await provider.open(parseKeyRef(ref))).id, old?.id);
});

test('a rotated key is listed after its successor, with its own public key', { skip }, async (t) => {
  const keys = await keysAt(t);
  const ref = unused();
  const first = await keys.create(ref, { algorithm: 'ES384' });
  const second = await keys.rotate(ref);
  const label = ref.split('/').at(-1);
  const found: (PublicKey | undefined)[] = [];
  for await (const info of keys.list()) if (info.label === label) found.push(info.publicKey);
  assert.deepEqual(
    found.map((key) => key?.fingerprint),
    [second.publicKey?.fingerprint, first.publicKey?.fingerprint],
  );
});

test('a compromised key stays so when another takes its place, which it never takes back', {
  skip,
}, async (t) => {
  const keys = await keysAt(t);
  const ref = unused();
  const first = await keys.create(ref, { algorithm: 'ES256' });
  await keys.setState(ref, 'compromised');
  const second = await keys.rotate(ref);
  assert.equal((await keys.open(first.ref)).state, 'compromised');
  const label = ref.split('/').at(-1);
  const listed = (await collected(keys.list())).filter((info) => info.label === label);
  assert.deepEqual(
    listed.map(({ id, state }) => [id, state]),
    [
      [second.id, 'active'],
      [first.id, 'compromised'],
    ],
  );
  await keys.setState(first.ref, 'active');
  const reopened = await keys.open(first.ref);
  assert.equal(reopened.state, 'active');
  await assert.rejects(reopened.use('ES256').sign(MESSAGE), failsWith('DENIED', { field: 'state' }));
  // One that nothing took the place of does everything again.
  await keys.setState(ref, 'compromised');
  await keys.setState(ref, 'active');
  await (await keys.open(ref)).use('ES256').sign(MESSAGE);
});

test('the deletion is scheduled for as long as was asked, and tags are those of the configuration', {
  skip,
}, async (t) => {
  const { commands, client } = await recording(t);
  await using keys = createKeys([awsKms({ client, deletionDays: 9, tags: { team: 'issuing' } })]);
  const ref = unused();
  await keys.create(ref, { algorithm: 'ES256' });
  await keys.destroy(ref);
  const inputOf = (wanted: string) => commands.find(({ name }) => name === wanted)?.input ?? {};
  assert.deepEqual(inputOf('CreateKey')['Tags'], [
    { TagKey: 'team', TagValue: 'issuing' },
    { TagKey: 'hardkey:alias', TagValue: ref.split('/').at(-1) },
  ]);
  assert.equal(inputOf('ScheduleKeyDeletion')['PendingWindowInDays'], 9);
});

test('a check asks for every permission that using the key takes, and does nothing', { skip }, async (t) => {
  const { commands, client } = await recording(t);
  await using keys = createKeys([awsKms({ ...PATIENT, client })]);
  const asked: Readonly<Partial<Record<Algorithm, string>>> = {
    ES256: 'Sign',
    HS256: 'GenerateMac',
    service: 'Decrypt',
    'RSA-OAEP-256': 'Decrypt',
  };
  for (const [algorithm, operation] of Object.entries(asked)) {
    const ref = unused();
    await keys.create(ref, { algorithm: algorithm as Algorithm });
    commands.length = 0;
    await keys.check(ref, { algorithm: algorithm as Algorithm });
    const dry = commands.filter(({ input }) => input['DryRun'] === true).map(({ name }) => name);
    assert.deepEqual(dry, [operation], algorithm);
    await assert.rejects(keys.check(ref, { algorithm: 'ES384' }), failsWith('UNSUPPORTED'));
  }
});

test('a check of a key that another took the place of fails where using it would', { skip }, async (t) => {
  const keys = await keysAt(t);
  const [signing, reading] = [unused(), unused()];
  const signed = await keys.create(signing, { algorithm: 'ES256' });
  const read = await keys.create(reading, { algorithm: 'RSA-OAEP-256', bits: 2048 });
  for (const ref of [signing, reading]) await keys.rotate(ref);
  await assert.rejects(keys.check(signed.ref), failsWith('DENIED', { field: 'state' }));
  await keys.check(signing);
  // It still opens what was encrypted for it.
  await keys.check(read.ref);
});

test('a check succeeds by the error that a dry run gives, and fails by any other', { skip }, async (t) => {
  const inner: KmsClient = await bareClient(t);
  let name = 'DryRunOperationException';
  const dry: KmsClient = {
    send: (command, options) =>
      (command as { readonly input: { readonly DryRun?: boolean } }).input.DryRun === true
        ? Promise.reject(Object.assign(new Error(), { name }))
        : inner.send(command, options),
  };
  await using keys = createKeys([awsKms({ client: dry })]);
  const ref = unused();
  await keys.create(ref, { algorithm: 'ES256' });
  await keys.check(ref);
  name = 'AccessDeniedException';
  await assert.rejects(keys.check(ref), failsWith('DENIED', { operation: 'Sign' }));
});
