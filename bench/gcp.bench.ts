/**
 * Google Cloud KMS through the provider, against the calls of the SDK itself on the same emulator: with 5 ms of
 * network in between, one after the other and 32 at a time.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { credentials } from '@grpc/grpc-js';
import { createKeys, type Key, parseKeyRef } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { RING } from '../packages/hardkey/test/support/gcp.ts';
import { startElsewhere, stopElsewhere } from '../packages/hardkey/test/support/gcp-elsewhere.ts';
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));
const IN_FLIGHT = 32;
const SIGN = `${RING}/cryptoKeys/sign`;
const WRAP = `${RING}/cryptoKeys/wrap`;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const far = await delayed((await startElsewhere()).port);
  const config = { endpoint: `http://127.0.0.1:${far.port}` };
  const provider = gcpKms(config);
  const keys = createKeys([gcpKms(config)]);
  const loose = createKeys([gcpKms(config)], { releaseUnverified: true });
  await keys.create(`gcpkms://${SIGN}`, { algorithm: 'ES256' });
  await keys.create(`gcpkms://${WRAP}`, { algorithm: 'service' });
  const client = new KeyManagementServiceClient({
    apiEndpoint: '127.0.0.1',
    port: far.port,
    projectId: 'hardkey-tests',
    universeDomain: 'googleapis.com',
    sslCreds: credentials.createInsecure(),
  });
  const pinned = `gcpkms://${SIGN}/cryptoKeyVersions/1`;
  const all = [
    ...(await signing(client, await keys.open(pinned), [
      ['the provider alone', await provider.open(parseKeyRef(pinned))],
      ['createKeys, not verified', await loose.open(pinned)],
    ])),
    ...bothWays('public key', 'the SDK', [
      { name: 'the SDK', run: () => client.getPublicKey({ name: `${SIGN}/cryptoKeyVersions/1` }) },
      { name: 'createKeys', run: () => keys.open(pinned) },
    ]),
    ...(await wrapping(client, await keys.open(`gcpkms://${WRAP}`))),
  ];
  // One server serves all of them, and ends with the last.
  const close = async (): Promise<void> => {
    await client.close();
    for (const one of [provider, keys, loose]) await one.close();
    far.end();
    stopElsewhere();
  };
  return all.map((question) => (question === all.at(-1) ? { ...question, close } : question));
}

async function signing(
  client: KeyManagementServiceClient,
  key: Key,
  others: readonly (readonly [name: string, key: Key])[],
): Promise<readonly Question[]> {
  const publicKey = createPublicKey(key.publicKey?.toPem() ?? '');
  const name = `${SIGN}/cryptoKeyVersions/1`;
  const call = () =>
    client.asymmetricSign({ name, digest: { sha256: createHash('sha256').update(MESSAGE).digest() } });
  const verified = async (): Promise<void> => {
    const [{ signature }] = await call();
    if (!verify('sha256', MESSAGE, publicKey, signature as Uint8Array)) throw new Error('not verified');
  };
  const signer = key.use('ES256');
  return bothWays('sign ES256', 'the SDK and a raw verification', [
    { name: 'the SDK alone', run: call },
    { name: 'the SDK and a raw verification', run: verified },
    ...others.map(([what, other]) => {
      const one = other.use('ES256');
      return { name: what, run: () => one.sign(MESSAGE) };
    }),
    { name: 'createKeys', run: () => signer.sign(MESSAGE) },
  ]);
}

async function wrapping(client: KeyManagementServiceClient, key: Key): Promise<readonly Question[]> {
  const wrapper = key.use('service');
  const ciphertext = await wrapper.wrap(CONTENT_KEY);
  return [
    ...bothWays('encrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.encrypt({ name: WRAP, plaintext: CONTENT_KEY }) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays('decrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.decrypt({ name: WRAP, ciphertext }) },
      { name: 'createKeys', run: () => wrapper.unwrap(ciphertext) },
    ]),
  ];
}

type Work = { readonly name: string; readonly run: () => Promise<unknown> };

function bothWays(what: string, baseline: string, candidates: readonly Work[]): readonly Question[] {
  return [
    { name: `Google Cloud KMS, 5 ms away: ${what}`, baseline, candidates },
    {
      name: `Google Cloud KMS, 5 ms away: ${what}, ${IN_FLIGHT} at a time`,
      baseline,
      candidates: candidates.map(({ name, run }) => ({
        name,
        run: () => Promise.all(Array.from({ length: IN_FLIGHT }, run)),
      })),
    },
  ];
}

/** The same server, 5 ms away. */
async function delayed(target: number): Promise<{ readonly port: number; readonly end: () => void }> {
  const program = new URL('delay-proxy.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, String(target)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(String(port).trim()), end: () => void child.kill() };
}
