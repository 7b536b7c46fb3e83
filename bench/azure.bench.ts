/**
 * Azure Key Vault through the provider, against the calls of the SDK itself on the same emulator: with 5 ms of
 * network in between, one after the other and 32 at a time.
 *
 * @module
 */
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ClientSecretCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { createKeys, type Key, parseKeyRef } from 'hardkey';
import { azureKv } from 'hardkey/providers/azure-kv';
import { azureProcess } from '../packages/hardkey/test/support/azure-process.ts';
import { bothWays, delayed, endingWith, signing } from './far.ts';
import type { Question } from './runner.ts';

const WHERE = 'Azure Key Vault, 5 ms away';
const MESSAGE = new Uint8Array(300).fill(0x5a);
const CONTENT_KEY = new Uint8Array(randomBytes(32));

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const ends: (() => unknown)[] = [];
  const azure = await azureProcess({ after: (end) => void ends.push(end) });
  Object.assign(process.env, azure);
  const { AZURE_KEYVAULT_URL: near = '', AZURE_AUTHORITY_HOST: authorityHost = '' } = azure;
  const ca = readFileSync(azure['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  const far = await delayed(new URL(near).port);
  const vaultUrl = `https://localhost:${far.port}`;
  ends.push(far.end);
  const config = { vaultUrl, authorityHost, ca };
  const nameOf = (key: string): string => `azurekms://${new URL(vaultUrl).host}/${key}`;
  const provider = azureKv(config);
  const keys = createKeys([azureKv(config)]);
  const loose = createKeys([azureKv(config)], { releaseUnverified: true });
  ends.push(...[provider, keys, loose].map((one) => () => one.close()));
  await keys.create(nameOf('sign'), { algorithm: 'ES256' });
  await keys.create(nameOf('wrap'), { algorithm: 'RSA-OAEP-256', bits: 2048 });
  const sdk = sdkOf(azure, vaultUrl, ca);
  const all = [
    ...(await signed(sdk, await keys.open(nameOf('sign')), [
      ['the provider alone', await provider.open(parseKeyRef(nameOf('sign')))],
      ['createKeys, not verified', await loose.open(nameOf('sign'))],
    ])),
    ...bothWays(`${WHERE}: public key`, 'the SDK', [
      { name: 'the SDK', run: () => sdk.client.getKey('sign') },
      { name: 'createKeys', run: () => keys.open(nameOf('sign')) },
    ]),
    ...(await unwrapping(sdk, await keys.open(nameOf('wrap')))),
  ];
  return endingWith(all, async () => {
    for (const end of ends.toReversed()) await end();
  });
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

async function signed(
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
  return signing(WHERE, { message: MESSAGE, call, verified }, [...others, ['createKeys', key]]);
}

async function unwrapping(sdk: Sdk, key: Key): Promise<readonly Question[]> {
  const wrapper = key.use('RSA-OAEP-256');
  const wrapped = await wrapper.wrap(CONTENT_KEY);
  const client = await sdk.cryptography('wrap');
  return [
    ...bothWays(`${WHERE}: encrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.wrapKey('RSA-OAEP-256', CONTENT_KEY) },
      { name: 'createKeys', run: () => wrapper.wrap(CONTENT_KEY) },
    ]),
    ...bothWays(`${WHERE}: decrypt`, 'the SDK', [
      { name: 'the SDK', run: () => client.unwrapKey('RSA-OAEP-256', wrapped) },
      { name: 'createKeys', run: () => wrapper.unwrap(wrapped) },
    ]),
  ];
}
