/**
 * Where the keys are that the start of the command is measured with, and the program that a user of the SDK would
 * write for one signature there. Vault has no SDK: `fetch` stands in its place.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createKeys } from 'hardkey';
import { awsKms } from 'hardkey/providers/aws-kms';
import { azureKv } from 'hardkey/providers/azure-kv';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import {
  AWS_ENV,
  awsServers,
  ministack,
  stopServers,
  useAwsEnvironment,
} from '../packages/hardkey/test/support/aws.ts';
import { azureProcess } from '../packages/hardkey/test/support/azure-process.ts';
import { RING } from '../packages/hardkey/test/support/gcp.ts';
import { startElsewhere, stopElsewhere } from '../packages/hardkey/test/support/gcp-elsewhere.ts';
import { missingBao, startBao } from '../packages/hardkey/test/support/openbao.ts';

/** A server, and a key of it. */
export interface Place {
  readonly name: string;
  readonly ref: string;
  /** What leads to it, for the command and for the SDK. */
  readonly env: Readonly<Record<string, string>>;
  /** A program that loads what a program for the service loads. */
  readonly load: string;
  /** What comes after it, for the calls that the command makes. */
  readonly calls: string;
  readonly close: () => void | Promise<void>;
}

/** The places of which there is a server on this machine. */
export async function startPlaces(): Promise<readonly Place[]> {
  const missing = [awsServers.missing, missingBao()].filter((reason) => reason !== undefined);
  for (const reason of missing) console.error(reason);
  return [
    ...(awsServers.missing === undefined ? [await aws()] : []),
    await gcp(),
    await azure(),
    ...(missingBao() === undefined ? [await vault()] : []),
  ];
}

async function aws(): Promise<Place> {
  useAwsEnvironment();
  const endpoint = await ministack();
  await using keys = createKeys([awsKms({ endpoint })]);
  await keys.create('awskms:///alias/start', { algorithm: 'ES256' });
  return {
    name: 'AWS KMS',
    ref: 'awskms:///alias/start',
    env: { ...AWS_ENV, AWS_ENDPOINT_URL_KMS: endpoint },
    load: "const sdk = await import('@aws-sdk/client-kms');",
    calls: `
      const client = new sdk.KMSClient({});
      const KeyId = 'alias/start';
      await Promise.all([
        client.send(new sdk.DescribeKeyCommand({ KeyId })),
        client.send(new sdk.GetPublicKeyCommand({ KeyId })),
      ]);
      const Message = Buffer.from('content');
      const how = { MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' };
      await client.send(new sdk.SignCommand({ KeyId, Message, ...how }));
      client.destroy();`,
    close: stopServers,
  };
}

async function gcp(): Promise<Place> {
  const { port } = await startElsewhere();
  const endpoint = `http://127.0.0.1:${port}`;
  const key = `${RING}/cryptoKeys/start`;
  await using keys = createKeys([gcpKms({ endpoint })]);
  await keys.create(`gcpkms://${key}`, { algorithm: 'ES256' });
  return {
    name: 'Google Cloud KMS',
    ref: `gcpkms://${key}/cryptoKeyVersions/1`,
    env: { HARDKEY_GCPKMS_ENDPOINT: endpoint },
    load: "const sdk = await import('@google-cloud/kms');",
    calls: `
      const { credentials } = await import('@grpc/grpc-js');
      const client = new sdk.KeyManagementServiceClient({
        apiEndpoint: '127.0.0.1', port: ${port}, projectId: 'hardkey-tests', sslCreds: credentials.createInsecure(),
      });
      const name = '${key}/cryptoKeyVersions/1';
      await Promise.all([client.getCryptoKeyVersion({ name }), client.getPublicKey({ name })]);
      await client.asymmetricSign({ name, digest: { sha256: Buffer.alloc(32, 1) } });
      await client.close();`,
    close: stopElsewhere,
  };
}

async function azure(): Promise<Place> {
  const ends: (() => Promise<void>)[] = [];
  const env = await azureProcess({ after: (end) => void ends.push(end) });
  const { AZURE_KEYVAULT_URL: vaultUrl = '', AZURE_AUTHORITY_HOST: authorityHost = '' } = env;
  Object.assign(process.env, env);
  const ca = readFileSync(env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
  const ref = `azurekms://${new URL(vaultUrl).host}/start`;
  await using keys = createKeys([azureKv({ vaultUrl, authorityHost, ca })]);
  await keys.create(ref, { algorithm: 'ES256' });
  return {
    name: 'Azure Key Vault',
    ref,
    env,
    load: "const [sdk, id] = [await import('@azure/keyvault-keys'), await import('@azure/identity')];",
    calls: `
      const { AZURE_KEYVAULT_URL: url, AZURE_AUTHORITY_HOST: authorityHost } = process.env;
      const credential = new id.DefaultAzureCredential({ authorityHost, disableInstanceDiscovery: true });
      const options = { disableChallengeResourceVerification: true };
      const key = await new sdk.KeyClient(url, credential, options).getKey('start');
      await new sdk.CryptographyClient(key, credential, options).sign('ES256', Buffer.alloc(32, 1));`,
    close: async () => {
      for (const end of ends) await end();
    },
  };
}

async function vault(): Promise<Place> {
  const ends: (() => void | Promise<void>)[] = [];
  const bao = await startBao({ after: (end) => void ends.push(end) });
  await bao.admin('POST', 'transit/keys/start', { type: 'ecdsa-p256' });
  return {
    name: 'Vault',
    ref: 'hashivault://start',
    env: { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.root },
    load: "const ask = fetch; await (await ask('data:,')).text();",
    calls: `
      const { VAULT_ADDR: address, VAULT_TOKEN: token } = process.env;
      const headers = { 'x-vault-token': token };
      await (await ask(address + '/v1/transit/keys/start', { headers })).json();
      const body = JSON.stringify({ input: 'Y29udGVudA==', hash_algorithm: 'sha2-256', marshaling_algorithm: 'jws' });
      const answer = await ask(address + '/v1/transit/sign/start', { method: 'POST', headers, body });
      if (!(await answer.json()).data.signature) throw new Error('not signed');`,
    close: async () => {
      for (const end of ends) await end();
    },
  };
}
