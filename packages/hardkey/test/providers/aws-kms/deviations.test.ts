// Where the servers of others are not what AWS documents: why a claim is proven by the other one, or by none.
// A row that begins to hold fails, and then its capability can be taken from that server as well.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as sdk from '@aws-sdk/client-kms';
import { awsServers, ministack, moto, useAwsEnvironment } from '../../support/aws.ts';

useAwsEnvironment();

const SIGN = { MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
const P256 = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
const MESSAGE = new Uint8Array(32);

/** One claim of the documentation of AWS KMS. */
interface Row {
  readonly server: () => Promise<string>;
  readonly claim: string;
  readonly because: string;
  holds(kms: sdk.KMS): Promise<unknown>;
}

async function keyOf(kms: sdk.KMS, spec: sdk.CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.createKey(spec);
  return KeyMetadata?.KeyId ?? '';
}

/** The call must be refused, and with this name where one is given. */
async function refused(call: Promise<unknown>, name?: string): Promise<void> {
  await assert.rejects(call, (error: Error) => name === undefined || error.name === name);
}

const ROWS: readonly Row[] = [
  {
    server: ministack,
    claim: 'a message of 4,097 bytes is refused',
    because: 'ministack signs it',
    async holds(kms) {
      const KeyId = await keyOf(kms, P256);
      await refused(kms.sign({ KeyId, Message: new Uint8Array(4097), ...SIGN }));
    },
  },
  {
    server: ministack,
    claim: 'an empty message is refused',
    because: 'ministack signs it',
    async holds(kms) {
      const KeyId = await keyOf(kms, P256);
      await refused(kms.sign({ KeyId, Message: new Uint8Array(), ...SIGN }));
    },
  },
  {
    server: ministack,
    claim: 'a key of a curve that is to encrypt is refused',
    because: 'ministack makes it',
    holds: (kms) => refused(kms.createKey({ ...P256, KeyUsage: 'ENCRYPT_DECRYPT' })),
  },
  {
    server: ministack,
    claim: 'a changed ciphertext does not open',
    because: 'ministack opens it to something else',
    async holds(kms) {
      const KeyId = await keyOf(kms);
      const { CiphertextBlob = new Uint8Array() } = await kms.encrypt({ KeyId, Plaintext: MESSAGE });
      const changed = Uint8Array.from(CiphertextBlob);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      await refused(kms.decrypt({ KeyId, CiphertextBlob: changed }), 'InvalidCiphertextException');
    },
  },
  {
    server: ministack,
    claim: 'a ciphertext of another key is IncorrectKeyException',
    because: 'ministack opens it to something else',
    async holds(kms) {
      const { CiphertextBlob } = await kms.encrypt({ KeyId: await keyOf(kms), Plaintext: MESSAGE });
      await refused(kms.decrypt({ KeyId: await keyOf(kms), CiphertextBlob }), 'IncorrectKeyException');
    },
  },
  {
    server: ministack,
    claim: 'a dry run signs nothing',
    because: 'ministack does not know of it',
    async holds(kms) {
      const input = { KeyId: await keyOf(kms, P256), Message: MESSAGE, ...SIGN, DryRun: true };
      await refused(kms.sign(input), 'DryRunOperationException');
    },
  },
  {
    server: ministack,
    claim: 'ML-DSA keys are made',
    because: 'ministack has none',
    holds: (kms) => keyOf(kms, { KeySpec: 'ML_DSA_65', KeyUsage: 'SIGN_VERIFY' }),
  },
  {
    server: ministack,
    claim: 'a disabled key does not show its public half',
    because: 'ministack shows it',
    async holds(kms) {
      const KeyId = await keyOf(kms, P256);
      await kms.disableKey({ KeyId });
      await refused(kms.getPublicKey({ KeyId }), 'DisabledException');
    },
  },
  {
    server: ministack,
    claim: 'material is rotated on demand',
    because: 'ministack does not do it',
    holds: async (kms) => kms.rotateKeyOnDemand({ KeyId: await keyOf(kms) }),
  },
  {
    server: moto,
    claim: 'a digest is signed as it is',
    because: 'moto hashes it again',
    async holds(kms) {
      const KeyId = await keyOf(kms, P256);
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', MESSAGE));
      const { Signature } = await kms.sign({ KeyId, Message: digest, ...SIGN, MessageType: 'DIGEST' });
      const { SignatureValid } = await kms.verify({ KeyId, Message: MESSAGE, Signature, ...SIGN });
      assert.equal(SignatureValid, true);
    },
  },
  {
    server: moto,
    claim: 'a disabled key does not sign',
    because: 'moto signs with it',
    async holds(kms) {
      const KeyId = await keyOf(kms, P256);
      await kms.disableKey({ KeyId });
      await refused(kms.sign({ KeyId, Message: MESSAGE, ...SIGN }), 'DisabledException');
    },
  },
  {
    server: moto,
    claim: 'the answer that has the public key has the ARN and the kind of the key',
    because: 'moto leaves them out',
    async holds(kms) {
      const { KeyId, KeySpec } = await kms.getPublicKey({ KeyId: await keyOf(kms, P256) });
      assert.deepEqual([KeyId?.startsWith('arn:'), KeySpec], [true, 'ECC_NIST_P256']);
    },
  },
  {
    server: moto,
    claim: 'Ed25519 keys are made',
    because: 'moto has none',
    holds: (kms) => keyOf(kms, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
  },
  {
    server: moto,
    claim: 'key material is imported',
    because: 'moto does not do it',
    async holds(kms) {
      const KeyId = await keyOf(kms, { Origin: 'EXTERNAL' });
      const how = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_4096' } as const;
      await kms.getParametersForImport({ KeyId, ...how });
    },
  },
  {
    server: moto,
    claim: 'DisableKey and ScheduleKeyDeletion take the ARN of a key',
    because: 'moto fails with an HTML page',
    async holds(kms) {
      const { KeyMetadata } = await kms.createKey(P256);
      await kms.disableKey({ KeyId: KeyMetadata?.Arn });
    },
  },
];

const clients: sdk.KMS[] = [];
after(() => {
  for (const client of clients) client.destroy();
});

for (const { server, claim, because, holds } of ROWS) {
  test(`${server.name}: ${claim}`, {
    skip: awsServers.missing ?? false,
    expectFailure: because,
  }, async () => {
    const kms = new sdk.KMS({ endpoint: await server(), maxAttempts: 1 });
    clients.push(kms);
    await holds(kms);
  });
}
