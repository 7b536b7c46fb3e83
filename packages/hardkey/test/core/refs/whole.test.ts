import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeyRef } from 'hardkey';
import { labelledKey, wholeKey } from 'hardkey/key-manager';

for (const [ref, whole] of [
  ['file:issuer?version=2', 'file:issuer'],
  ['hashivault://k?version=12', 'hashivault://k'],
  ['hashivault://k?mount=t&version=2', 'hashivault://k?mount=t'],
  ['openbao://k?version=2&context=a', 'openbao://k?context=a'],
  ['hashivault://k?mount=t&version=2&context=a', 'hashivault://k?mount=t&context=a'],
  [
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/12',
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k',
  ],
  [
    'gcpkms://projects/p/locations/l/keyRings/versions/cryptoKeys/1',
    'gcpkms://projects/p/locations/l/keyRings/versions/cryptoKeys/1',
  ],
  ['azurekms://v.vault.azure.net/k/0123abcd', 'azurekms://v.vault.azure.net/k'],
  ['azurekms://localhost:9010/k', 'azurekms://localhost:9010/k'],
  ['memory:issuer', 'memory:issuer'],
] as const) {
  test(`the whole key of ${ref} is ${whole}`, () => {
    assert.equal(wholeKey(parseKeyRef(ref)), whole);
    parseKeyRef(whole);
  });
}

test('a label stands for the whole key, and in AWS KMS for the alias', () => {
  const ref = parseKeyRef('gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/2');
  assert.equal(labelledKey({ ref, label: 'k' }), wholeKey(ref));
  const arn = parseKeyRef(
    'awskms:///arn:aws:kms:eu-central-1:123456789012:key/11c6c734-4971-4dbd-96e7-a78bf587f2e1',
  );
  assert.equal(labelledKey({ ref: arn, label: 'issuer' }), 'awskms:///alias/issuer');
  assert.equal(labelledKey({ ref: arn }), String(arn));
});
