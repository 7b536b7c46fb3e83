/**
 * Azure Key Vault through the provider, against the calls of the SDK itself on the same emulator: with 5 ms of
 * network in between, one after the other and 32 at a time.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ClientSecretCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { createKeys, type Key, parseKeyRef } from 'hardkey';
import { azureKv } from 'hardkey/providers/azure-kv';
import { azureProcess } from '../packages/hardkey/test/support/azure-process.ts';
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));
const IN_FLIGHT = 32;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const ends: (() => unknown)[] = [];
  const azure = await azureProcess({ after: (end) => void ends.push(end) });
  Object.assign(process.env, azure);
  const { AZURE_KEYVAULT_URL: near = '', AZURE_AUTHORITY_HOST: authorityHost = '' } = azure;
  const ca = readFileSync(azure['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  const far = await delayed(near);
  ends.push(far.end);
  const config = { vaultUrl: far.address, authorityHost, ca };
  const nameOf = (key: string): string => `azurekms://${new URL(far.address).host}/${key}`;
  const provider = azureKv(config);
  const keys = createKeys([azureKv(config)]);
  const loose = createKeys([azureKv(config)], { releaseUnverified: true });
  ends.push(...[provider, keys, loose].map((one) => () => one.close()));
  await keys.create(nameOf('sign'), { algorithm: 'ES256' });
  await keys.create(nameOf('wrap'), { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const sdk = sdkOf(azure, far.address, ca);
  const all = [
    ...(await signing(sdk, await keys.open(nameOf('sign')), [
      ['the provider alone', await provider.open(parseKeyRef(nameOf('sign')))],
      ['createKeys, not verified', await loose.open(nameOf('sign'))],
    ])),
    ...bothWays('public key', 'the SDK', [
      { name: 'the SDK', run: () => sdk.client.getKey('sign') },
      { name: 'createKeys', run: () => keys.open(nameOf('sign')) },
    ]),
    ...(await unwrapping(sdk, await keys.open(nameOf('wrap')))),
  ];
  // One server serves all of them, and ends with the last.
  const close = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
  };
  return all.map((question) => (question === all.at(-1) ? { ...question, close } : question));
}

/** The SDK as its documentation has it. */
interface Sdk {
  readonly client: KeyClient;
  cryptography(name: string): Promise<CryptographyClient>;
}

function sdkOf(azure: Readonly<Record<string, string>>, vaultUrl: string, ca: string): Sdk {
  const tlsOptions = { ca };
  const credential = new ClientSecretCredential(
    azure['AZURE_TENANT_ID'] ?? '',
    azure['AZURE_CLIENT_ID'] ?? '',
    azure['AZURE_CLIENT_SECRET'] ?? '',
    { authorityHost: azure['AZURE_AUTHORITY_HOST'] ?? '', disableInstanceDiscovery: true, tlsOptions },
  );
  const options = { disableChallengeResourceVerification: true, tlsOptions };
  const client = new KeyClient(vaultUrl, credential, options);
  return {
    client,
    async cryptography(name) {
      return new CryptographyClient(await client.getKey(name), credential, options);
    },
  };
}

async function signing(
  sdk: Sdk,
  key: Key,
  others: readonly (readonly [name: string, key: Key])[],
): Promise<readonly Question[]> {
  const publicKey = createPublicKey(key.publicKey?.toPem() ?? '');
  const client = await sdk.cryptography('sign');
  const call = () => client.sign('ES256', createHash('sha256').update(MESSAGE).digest());
  const verified = async (): Promise<void> => {
    const { result } = await call();
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    if (!verify('sha256', MESSAGE, options, result)) throw new Error('not verified');
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

async function unwrapping(sdk: Sdk, key: Key): Promise<readonly Question[]> {
  const wrapper = key.use('RSA-OAEP-256');
  const wrapped = await wrapper.wrap(CONTENT_KEY);
  const client = await sdk.cryptography('wrap');
  return [
    ...bothWays('encrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.wrapKey('RSA-OAEP-256', CONTENT_KEY) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays('decrypt', 'the SDK', [
      { name: 'the SDK', run: () => client.unwrapKey('RSA-OAEP-256', wrapped) },
      { name: 'createKeys', run: () => wrapper.unwrap(wrapped) },
    ]),
  ];
}

type Work = { readonly name: string; readonly run: () => Promise<unknown> };

function bothWays(what: string, baseline: string, candidates: readonly Work[]): readonly Question[] {
  return [
    { name: `Azure Key Vault, 5 ms away: ${what}`, baseline, candidates },
    {
      name: `Azure Key Vault, 5 ms away: ${what}, ${IN_FLIGHT} at a time`,
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
  return { address: `https://localhost:${String(port).trim()}`, end: () => void child.kill() };
}
