/**
 * AWS KMS through the provider, against the calls of the SDK itself on the same server: with 5 ms of network
 * in between, one after the other and 32 at a time.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
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
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));
const IN_FLIGHT = 32;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  if (awsServers.missing !== undefined) {
    console.error(awsServers.missing);
    return [];
  }
  useAwsEnvironment();
  const near = await ministack();
  const far = await delayed(near);
  await using making = createKeys([awsKms({ endpoint: near })]);
  await making.create('awskms:///alias/bench-sign', { algorithm: 'ES256' });
  await making.create('awskms:///alias/bench-wrap', { algorithm: 'service' });
  const provider = awsKms({ endpoint: far.address });
  const keys = createKeys([awsKms({ endpoint: far.address })]);
  const loose = createKeys([awsKms({ endpoint: far.address })], { releaseUnverified: true });
  const client = new KMSClient({ endpoint: far.address });
  const all = [
    ...(await signing(client, await keys.open('awskms:///alias/bench-sign'), [
      ['the provider alone', await provider.open(parseKeyRef('awskms:///alias/bench-sign'))],
      ['createKeys, not verified', await loose.open('awskms:///alias/bench-sign')],
    ])),
    ...bothWays('public key', 'the SDK', [
      {
        name: 'the SDK',
        run: () => client.send(new GetPublicKeyCommand({ KeyId: 'alias/bench-sign' })),
      },
      { name: 'createKeys', run: () => keys.open('awskms:///alias/bench-sign') },
    ]),
    ...(await wrapping(client, await keys.open('awskms:///alias/bench-wrap'))),
  ];
  // One server serves all of them, and ends with the last.
  const close = async (): Promise<void> => {
    client.destroy();
    for (const one of [provider, keys, loose]) await one.close();
    far.end();
    await stopServers();
  };
  return all.map((question) => (question === all.at(-1) ? { ...question, close } : question));
}

async function signing(
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
  const signer = key.use('ES256');
  return bothWays('sign ES256', 'the SDK and a raw verification', [
    { name: 'the SDK alone', run: call },
    { name: 'the SDK and a raw verification', run: verified },
    ...others.map(([name, other]) => {
      const one = other.use('ES256');
      return { name, run: () => one.sign(MESSAGE) };
    }),
    { name: 'createKeys', run: () => signer.sign(MESSAGE) },
  ]);
}

async function wrapping(client: KMSClient, key: Key): Promise<readonly Question[]> {
  const KeyId = 'alias/bench-wrap';
  const wrapper = key.use('service');
  const CiphertextBlob = await wrapper.wrap(CONTENT_KEY);
  return [
    ...bothWays('encrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.send(new EncryptCommand({ KeyId, Plaintext: CONTENT_KEY })) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays('decrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.send(new DecryptCommand({ KeyId, CiphertextBlob })) },
      { name: 'createKeys', run: () => wrapper.unwrap(CiphertextBlob) },
    ]),
  ];
}

type Work = { readonly name: string; readonly run: () => Promise<unknown> };

function bothWays(what: string, baseline: string, candidates: readonly Work[]): readonly Question[] {
  return [
    { name: `AWS KMS, 5 ms away: ${what}`, baseline, candidates },
    {
      name: `AWS KMS, 5 ms away: ${what}, ${IN_FLIGHT} at a time`,
      baseline,
      candidates: candidates.map(({ name, run }) => ({
        name,
        run: () => Promise.all(Array.from({ length: IN_FLIGHT }, run)),
      })),
    },
  ];
}

/** The same server, 5 ms away. */
async function delayed(url: string): Promise<{ readonly address: string; readonly end: () => void }> {
  const program = new URL('delay-proxy.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, new URL(url).port], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { address: `http://127.0.0.1:${String(port).trim()}`, end: () => void child.kill() };
}
