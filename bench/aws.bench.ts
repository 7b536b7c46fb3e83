/**
 * AWS KMS through the provider, against the calls of the SDK itself on the same server: with 5 ms of network
 * in between, one after the other and 32 at a time.
 *
 * @module
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  DecryptCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { createKeys, type Key, parseKeyRef } from 'hardkey';
import { awsKms } from 'hardkey/providers/aws-kms';
import {
  awsServers,
  ministack,
  stopServers,
  useAwsEnvironment,
} from '../packages/hardkey/test/support/aws.ts';
import { bothWays, delayed, endingWith, signing } from './far.ts';
import type { Question } from './runner.ts';

const WHERE = 'AWS KMS, 5 ms away';
const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  if (awsServers.missing !== undefined) {
    console.error(awsServers.missing);
    return [];
  }
  useAwsEnvironment();
  const near = await ministack();
  const far = await delayed(new URL(near).port);
  const endpoint = `http://127.0.0.1:${far.port}`;
  await using making = createKeys([awsKms({ endpoint: near })]);
  await making.create('awskms:///alias/bench-sign', { algorithm: 'ES256' });
  await making.create('awskms:///alias/bench-wrap', { algorithm: 'service' });
  const provider = awsKms({ endpoint });
  const keys = createKeys([awsKms({ endpoint })]);
  const loose = createKeys([awsKms({ endpoint })], { releaseUnverified: true });
  const client = new KMSClient({ endpoint });
  const all = [
    ...(await signed(client, await keys.open('awskms:///alias/bench-sign'), [
      ['the provider alone', await provider.open(parseKeyRef('awskms:///alias/bench-sign'))],
      ['createKeys, not verified', await loose.open('awskms:///alias/bench-sign')],
    ])),
    ...bothWays(`${WHERE}: public key`, 'the SDK', [
      {
        name: 'the SDK',
        run: () => client.send(new GetPublicKeyCommand({ KeyId: 'alias/bench-sign' })),
      },
      { name: 'createKeys', run: () => keys.open('awskms:///alias/bench-sign') },
    ]),
    ...(await wrapping(client, await keys.open('awskms:///alias/bench-wrap'))),
  ];
  return endingWith(all, async () => {
    client.destroy();
    for (const one of [provider, keys, loose]) await one.close();
    far.end();
    await stopServers();
  });
}

async function signed(
  client: KMSClient,
  key: Key,
  others: readonly (readonly [name: string, key: Key])[],
): Promise<readonly Question[]> {
  const publicKey = createPublicKey(key.publicKey?.toPem() ?? '');
  const call = () =>
    client.send(
      new SignCommand({
        KeyId: 'alias/bench-sign',
        Message: MESSAGE,
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
  const verified = async (): Promise<void> => {
    const { Signature = new Uint8Array() } = await call();
    if (!verify('sha256', MESSAGE, publicKey, Signature)) throw new Error('not verified');
  };
  return signing(WHERE, { message: MESSAGE, call, verified }, [...others, ['createKeys', key]]);
}

async function wrapping(client: KMSClient, key: Key): Promise<readonly Question[]> {
  const KeyId = 'alias/bench-wrap';
  const wrapper = key.use('service');
  const CiphertextBlob = await wrapper.wrap(CONTENT_KEY);
  return [
    ...bothWays(`${WHERE}: encrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.send(new EncryptCommand({ KeyId, Plaintext: CONTENT_KEY })) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays(`${WHERE}: decrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.send(new DecryptCommand({ KeyId, CiphertextBlob })) },
      { name: 'createKeys', run: () => wrapper.unwrap(CiphertextBlob) },
    ]),
  ];
}
