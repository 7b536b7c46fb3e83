// What is not believed of an answer, and what becomes of a key whose answer was lost.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { createKeys, parseKeyRef } from 'hardkey';
import { type AwsKmsConfig, awsKms, type KmsClient } from 'hardkey/providers/aws-kms';
import { type Answering, answering } from '../../support/answering.ts';
import { awsServers, ministack, PATIENT, REGION } from '../../support/aws.ts';
import { localCertificate } from '../../support/certificates.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { PATIENTLY, unused } from './subject.ts';

const skip = awsServers.missing ?? false;
const MESSAGE = Buffer.from('message');
const ID = '8cc85619-dbf7-493a-a855-b218f3f95793';
const OTHER_ID = '8cc85619-dbf7-493a-a855-b218f3f95794';
const arnOf = (id: string): string => `arn:aws:kms:${REGION}:123456789012:key/${id}`;
const DENIED = { __type: 'AccessDeniedException' };

/** Answers by the name of the operation, with what stands there; an error where it has a type. */
function telling(answers: Readonly<Record<string, object>>, asked: string[] = []): Answering {
  return (answer, body, { headers }) => {
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    asked.push(`${operation} ${body}`);
    const told = answers[operation] ?? { __type: 'ValidationException' };
    answer.writeHead('__type' in told ? 400 : 200).end(JSON.stringify(told));
  };
}

/** What KMS says of a key that signs, and its public half. */
function signingKey(id: string): {
  readonly DescribeKey: object;
  readonly GetPublicKey: { readonly KeyId: string; readonly PublicKey: string };
} {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const PublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const kind = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
  return {
    DescribeKey: { KeyMetadata: { Arn: arnOf(id), KeyState: 'Enabled', ...kind } },
    GetPublicKey: { KeyId: arnOf(id), PublicKey, ...kind },
  };
}

async function keysOf(t: TestContext, act: Answering, config: AwsKmsConfig = {}) {
  const { url } = await answering(act);
  const keys = createKeys([awsKms({ endpoint: url, ...config })], { retry: { attempts: 0 } });
  t.after(() => keys.close());
  return keys;
}

test('the key of another id is refused, whoever tells of it', async (t) => {
  const mismatch = failsWith('SIGNER_MISMATCH');
  const described = await keysOf(t, telling(signingKey(OTHER_ID)));
  await assert.rejects(described.open(`awskms:///${ID}`), mismatch);
  await assert.rejects(described.open(`awskms:///${arnOf(ID)}`), mismatch);
  // Without the permission to describe it, all that is known is the public half.
  const shown = await keysOf(t, telling({ ...signingKey(OTHER_ID), DescribeKey: DENIED }));
  await assert.rejects(shown.open(`awskms:///${ID}`), mismatch);
  await assert.rejects(shown.open(`awskms:///${arnOf(ID)}`), mismatch);
  for (const keys of [described, shown]) {
    assert.equal(String((await keys.open('awskms:///alias/any')).ref), `awskms:///${arnOf(OTHER_ID)}`);
  }
});

test('what is no ARN of a key is the name of none', async (t) => {
  for (const Arn of ['a', `arn:aws:kms:${REGION}:123456789012:alias/a`]) {
    const KeyMetadata = { Arn, KeyState: 'Enabled', KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
    const keys = await keysOf(t, telling({ ...signingKey(ID), DescribeKey: { KeyMetadata } }));
    await assert.rejects(keys.open('awskms:///alias/a'), failsWith('SIGNER_MISMATCH'), Arn);
  }
});

test('the public key that one endpoint shows is not that of the same name at another', async (t) => {
  const { key, cert, trust } = localCertificate();
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, trust]);
  t.after(() => setDefaultCACertificates(before));
  const [ours, theirs] = [signingKey(ID), signingKey(ID)];
  const elsewhere = await answering(telling(theirs), { key, cert });
  const keys = await keysOf(t, telling(ours));
  const forged = await keys.open(`awskms://localhost:${new URL(elsewhere.url).port}/${arnOf(ID)}`);
  const opened = await keys.open(`awskms:///${arnOf(ID)}`);
  assert.notEqual(opened.publicKey?.fingerprint, forged.publicKey?.fingerprint);
  assert.equal(Buffer.from(opened.publicKey?.spki ?? []).toString('base64'), ours.GetPublicKey.PublicKey);
});

test('what wraps nothing, and what unwraps to nothing, is no answer', async (t) => {
  const kind = { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT', KeyState: 'Enabled' };
  const some = Buffer.alloc(32).toString('base64');
  for (const nothing of ['', undefined]) {
    const answers = {
      DescribeKey: { KeyMetadata: { Arn: arnOf(ID), ...kind } },
      Encrypt: { KeyId: arnOf(ID), CiphertextBlob: nothing },
      Decrypt: { KeyId: arnOf(ID), Plaintext: nothing },
      GenerateDataKey: { KeyId: arnOf(ID), Plaintext: some, CiphertextBlob: nothing },
    };
    const keys = await keysOf(t, telling(answers));
    const wrapper = (await keys.open(`awskms:///${ID}`)).use('service');
    const none = (operation: string) => failsWith('UNAVAILABLE', { operation });
    await assert.rejects(wrapper.wrap(new Uint8Array(32)), none('Encrypt'));
    await assert.rejects(wrapper.unwrap(new Uint8Array(32)), none('Decrypt'));
    await assert.rejects(async () => wrapper.generateKey?.(32), none('GenerateDataKey'));
  }
});

test('a status that is none is no answer', async (t) => {
  const odd = await keysOf(t, (answer) => answer.writeHead(999).end('{}'));
  await assert.rejects(odd.open(`awskms:///${ID}`), failsWith('UNAVAILABLE'));
});

test('a key that is away leaves the others in the list, and credentials that are refused end it', async (t) => {
  const entries = [{ KeyArn: arnOf(ID) }, { KeyArn: arnOf(OTHER_ID) }];
  const good = signingKey(ID);
  let other: object = {};
  const keys = await keysOf(t, (answer, body, request) => {
    const isOther = body.includes(OTHER_ID);
    telling({ ListKeys: { Keys: entries }, ...(isOther ? other : good) })(answer, body, request);
  });
  for (const KeyState of ['Unavailable', 'Creating', 'PendingDeletion', 'constructor']) {
    const KeyMetadata = { Arn: arnOf(OTHER_ID), KeyState, KeySpec: 'SYMMETRIC_DEFAULT' };
    other = { DescribeKey: { KeyMetadata } };
    const refs = (await collected(keys.list())).map(({ ref }) => String(ref));
    assert.deepEqual(refs, [`awskms:///${arnOf(ID)}`], KeyState);
  }
  other = { DescribeKey: DENIED, GetPublicKey: DENIED };
  assert.equal((await collected(keys.list())).length, 1);
  for (const __type of ['ExpiredTokenException', 'KMSInternalException']) {
    other = { DescribeKey: { __type }, GetPublicKey: { __type } };
    const code = __type === 'ExpiredTokenException' ? 'DENIED' : 'UNAVAILABLE';
    await assert.rejects(collected(keys.list()), failsWith(code), __type);
  }
});

test('a check tries the algorithm that is asked for, which the policy may allow alone', async (t) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const PublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const kind = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' };
  const asked: string[] = [];
  const answers = {
    DescribeKey: { KeyMetadata: { Arn: arnOf(ID), KeyState: 'Enabled', ...kind } },
    GetPublicKey: { KeyId: arnOf(ID), PublicKey, ...kind },
    Sign: { __type: 'DryRunOperationException' },
  };
  const keys = await keysOf(t, telling(answers, asked));
  for (const [algorithm, name] of [
    ['RS256', 'RSASSA_PKCS1_V1_5_SHA_256'],
    ['PS512', 'RSASSA_PSS_SHA_512'],
    [undefined, 'RSASSA_PSS_SHA_256'],
  ] as const) {
    asked.length = 0;
    await keys.check(`awskms:///${ID}`, algorithm === undefined ? {} : { algorithm });
    const signs = asked.filter((one) => one.startsWith('Sign '));
    assert.equal(signs.length, 1);
    assert.ok(signs[0]?.includes(`"${name}"`), name);
  }
  const ended = { Description: 'hardkey alias/a [hardkey:superseded]', Arn: arnOf(ID), KeyState: 'Enabled' };
  const superseded = { ...answers, DescribeKey: { KeyMetadata: { ...ended, ...kind } } };
  await assert.rejects(
    (await keysOf(t, telling(superseded))).check(`awskms:///${ID}`),
    failsWith('DENIED', { field: 'state' }),
  );
});

/** A client that loses the answer to an operation, after the service did what it asks, as often as is said. */
async function losing(t: TestContext, operation: string, times = 1) {
  const inner = new KMSClient({ endpoint: await ministack(), maxAttempts: 1 });
  t.after(() => inner.destroy());
  const asked: string[] = [];
  let left = times;
  const client: KmsClient = {
    async send(command, options) {
      const name = command.constructor.name.replace(/Command$/, '');
      asked.push(name);
      const answer: unknown = await inner.send(command as never, options);
      if (name !== operation || left === 0) return answer;
      left -= 1;
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    },
  };
  const keys = createKeys([awsKms({ ...PATIENT, client })], PATIENTLY);
  t.after(() => keys.close());
  const stateOf = async (ref: string): Promise<string | undefined> => {
    const KeyId = parseKeyRef(ref).body.replace('///', '');
    return (await inner.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
  };
  return { keys, asked, stateOf };
}

test('a rotation whose answer was lost leaves the alias with a key that signs', { skip }, async (t) => {
  const { keys, stateOf } = await losing(t, 'UpdateAlias');
  const ref = unused();
  const first = await keys.create(ref, { algorithm: 'ES256' });
  await assert.rejects(keys.rotate(ref), failsWith('UNAVAILABLE', { operation: 'UpdateAlias' }));
  assert.equal(await stateOf(ref), 'Enabled');
  const key = await keys.open(ref);
  assert.equal(key.id, first.id);
  await key.use('ES256').sign(MESSAGE);
  assert.notEqual((await keys.rotate(ref)).id, first.id);
});

test('a rotation that cannot be taken back deletes nothing that the alias may lead to', {
  skip,
}, async (t) => {
  const { keys, asked, stateOf } = await losing(t, 'UpdateAlias', 2);
  const ref = unused();
  await keys.create(ref, { algorithm: 'ES256' });
  await assert.rejects(keys.rotate(ref), failsWith('UNAVAILABLE', { operation: 'UpdateAlias' }));
  assert.ok(!asked.includes('ScheduleKeyDeletion'));
  assert.equal(await stateOf(ref), 'Enabled');
});

test('a key whose alias may have come to be takes it along, so that the name is free again', {
  skip,
}, async (t) => {
  const { keys } = await losing(t, 'CreateAlias');
  const ref = unused();
  await assert.rejects(keys.create(ref, { algorithm: 'ES256' }), failsWith('UNAVAILABLE'));
  await assert.rejects(keys.open(ref), failsWith('KEY_NOT_FOUND'));
  await keys.create(ref, { algorithm: 'ES256' });
});

test('who may not change the policy of a key gives the next one the same', { skip }, async (t) => {
  const inner = new KMSClient({ endpoint: await ministack(), maxAttempts: 1 });
  t.after(() => inner.destroy());
  const refusing: KmsClient = {
    send(command, options) {
      const { Policy, BypassPolicyLockoutSafetyCheck: told } = (command as CreateKeyCommand).input;
      if (!(command instanceof CreateKeyCommand) || Policy === undefined || told === true) {
        return inner.send(command as never, options);
      }
      return Promise.reject(Object.assign(new Error(), { name: 'MalformedPolicyDocumentException' }));
    },
  };
  await using keys = createKeys([awsKms({ ...PATIENT, client: refusing })], PATIENTLY);
  const ref = unused();
  const first = await keys.create(ref, { algorithm: 'ES256' });
  const second = await keys.rotate(ref);
  assert.notEqual(second.id, first.id);
  assert.equal((await keys.open(ref)).id, second.id);
});

test('what cannot be noted on the key before it is not rotated', async (t) => {
  const asked: string[] = [];
  const answers = { ...signingKey(ID), DescribeKey: DENIED, GetKeyPolicy: { Policy: '{}' } };
  const keys = await keysOf(t, telling(answers, asked), { allowForeign: true });
  await assert.rejects(keys.rotate('awskms:///alias/a'), failsWith('DENIED'));
  assert.ok(!asked.some((one) => one.startsWith('CreateKey')));
});
