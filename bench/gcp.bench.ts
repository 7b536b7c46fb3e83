/**
 * Google Cloud KMS through the provider, against the calls of the SDK itself on the same emulator: with 5 ms of
 * network in between, one after the other and 32 at a time.
 *
 * @module
 */
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { credentials } from '@grpc/grpc-js';
import { createKeys, type Key, parseKeyRef } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { crc32cOf } from '../packages/hardkey/src/providers/gcp-kms/checksums.ts';
import { RING } from '../packages/hardkey/test/support/gcp.ts';
import { startElsewhere, stopElsewhere } from '../packages/hardkey/test/support/gcp-elsewhere.ts';
import { bothWays, delayed, endingWith, signing } from './far.ts';
import type { Question } from './runner.ts';

const WHERE = 'Google Cloud KMS, 5 ms away';
const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));
const SIGN = `${RING}/cryptoKeys/sign`;
const WRAP = `${RING}/cryptoKeys/wrap`;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const far = await delayed(String((await startElsewhere()).port));
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
    ...(await signed(client, await keys.open(pinned), [
      ['the provider alone', await provider.open(parseKeyRef(pinned))],
      ['createKeys, not verified', await loose.open(pinned)],
    ])),
    ...bothWays(`${WHERE}: public key`, 'the SDK', [
      { name: 'the SDK', run: () => client.getPublicKey({ name: `${SIGN}/cryptoKeyVersions/1` }) },
      { name: 'the SDK, both calls of an opening', run: () => described(client) },
      { name: 'createKeys', run: () => keys.open(pinned) },
    ]),
    ...(await wrapping(client, await keys.open(`gcpkms://${WRAP}`))),
  ];
  return endingWith(all, async () => {
    await client.close();
    for (const one of [provider, keys, loose]) await one.close();
    far.end();
    stopElsewhere();
  });
}

async function signed(
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
  return signing(WHERE, { message: MESSAGE, call, verified }, [...others, ['createKeys', key]]);
}

/** What opening a key that was seen before asks: the version has the state, and the key the labels. */
function described(client: KeyManagementServiceClient): Promise<unknown> {
  const name = `${SIGN}/cryptoKeyVersions/1`;
  return Promise.all([client.getCryptoKey({ name: SIGN }), client.getCryptoKeyVersion({ name })]);
}

async function wrapping(client: KeyManagementServiceClient, key: Key): Promise<readonly Question[]> {
  const wrapper = key.use('service');
  const ciphertext = await wrapper.wrap(CONTENT_KEY);
  const checked = 'the SDK, with the checksums of its documentation';
  return [
    ...bothWays(`${WHERE}: encrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.encrypt({ name: WRAP, plaintext: CONTENT_KEY }) },
      { name: checked, run: () => encryptedWhole(client) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays(`${WHERE}: decrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.decrypt({ name: WRAP, ciphertext }) },
      { name: checked, run: () => decryptedWhole(client, ciphertext) },
      { name: 'createKeys', run: () => wrapper.unwrap(ciphertext) },
    ]),
  ];
}

async function encryptedWhole(client: KeyManagementServiceClient): Promise<void> {
  const sent = { name: WRAP, plaintext: CONTENT_KEY, plaintextCrc32c: { value: crc32cOf(CONTENT_KEY) } };
  const [{ verifiedPlaintextCrc32c, ciphertext, ciphertextCrc32c }] = await client.encrypt(sent);
  if (verifiedPlaintextCrc32c) checkWhole(ciphertext, ciphertextCrc32c?.value);
  else throw new Error('changed on the way there');
}

async function decryptedWhole(client: KeyManagementServiceClient, ciphertext: Uint8Array): Promise<void> {
  const sent = { name: WRAP, ciphertext, ciphertextCrc32c: { value: crc32cOf(ciphertext) } };
  const [{ plaintext, plaintextCrc32c }] = await client.decrypt(sent);
  checkWhole(plaintext, plaintextCrc32c?.value);
}

function checkWhole(bytes: unknown, checksum: unknown): void {
  if (Number(checksum) !== crc32cOf(bytes as Uint8Array)) throw new Error('changed on the way back');
}
