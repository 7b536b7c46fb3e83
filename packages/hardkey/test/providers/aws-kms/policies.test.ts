// The policies in deploy/aws against what the provider calls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../../../..');

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Condition?: object;
}

function statementsOf(name: string): readonly Statement[] {
  const text = readFileSync(join(ROOT, 'deploy/aws', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { readonly Statement: readonly Statement[] }).Statement;
}

function actionsOf(name: string, effect: Statement['Effect'] = 'Allow'): readonly string[] {
  const meant = statementsOf(name).filter(({ Effect }) => Effect === effect);
  return [...new Set(meant.flatMap(({ Action }) => Action))].map((one) => one.replace('kms:', ''));
}

const source = readFileSync(join(ROOT, 'packages/hardkey/src/providers/aws-kms/calls.ts'), 'utf8');
const [, body = ''] = source.split('export interface Operations {');
const called = [...body.matchAll(/^ {2}([A-Z]\w+):/gm)].map(([, name = '']) => name);

test('together the policies allow every operation that is called, and no other', () => {
  // Verification is local. Who wants KMS to be asked allows that besides.
  const needed = called.filter((one) => one !== 'Verify');
  const allowed = new Set(['sign', 'wrap', 'manage'].flatMap((name) => actionsOf(name)));
  assert.deepEqual([...allowed].toSorted(), needed.toSorted());
});

test('who signs may do nothing else, and who manages keys may not use them', () => {
  const reads = ['DescribeKey', 'GetPublicKey'];
  assert.deepEqual(actionsOf('sign').toSorted(), [...reads, 'Sign'].toSorted());
  const uses = ['Sign', 'Encrypt', 'Decrypt', 'GenerateDataKey', 'GenerateMac', 'VerifyMac'];
  assert.deepEqual(
    actionsOf('manage').filter((one) => uses.includes(one)),
    [],
  );
  // The tag that a new key is given would otherwise open those of others.
  assert.deepEqual(actionsOf('manage', 'Deny'), ['TagResource']);
  for (const name of ['sign', 'wrap']) {
    assert.deepEqual(actionsOf(name, 'Deny'), ['Sign', 'Encrypt', 'GenerateDataKey', 'GenerateMac']);
  }
});

test('what was made for a key before its rotation, which took its alias, is still opened', () => {
  const opens = statementsOf('wrap').filter(({ Action }) => [Action].flat().includes('kms:Decrypt'));
  assert.deepEqual(
    opens.map(({ Condition }) => Condition),
    [{ StringEquals: { 'aws:ResourceTag/hardkey:alias': 'readers' } }],
  );
});
