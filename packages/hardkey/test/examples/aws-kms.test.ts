// examples/aws-kms.ts as a process of its own, against a server of others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys } from 'hardkey';
import { awsKms } from 'hardkey/providers/aws-kms';
import { AWS_ENV, awsServers, ministack, useAwsEnvironment } from '../support/aws.ts';

const PROGRAM = join(import.meta.dirname, '../../../../examples/aws-kms.ts');

useAwsEnvironment();

test('it signs, encrypts and opens both ways', { skip: awsServers.missing ?? false }, async () => {
  const endpoint = await ministack();
  await using keys = createKeys([awsKms({ endpoint })]);
  const issuer = await keys.create('awskms:///alias/issuer', { algorithm: 'ES256' });
  await keys.create('awskms:///alias/readers', { algorithm: 'service' });
  const env = { ...process.env, ...AWS_ENV, AWS_ENDPOINT_URL_KMS: endpoint };
  const args = ['--conditions=@hk/source', PROGRAM];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, `Ada Example true ${String(issuer.ref)}\nAda Example true\n`);
});
