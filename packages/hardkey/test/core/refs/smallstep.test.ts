import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKeyRef } from '../../../src/core/key-ref.ts';
import type { FailureCode } from '../../../src/errors.ts';
import { refused } from './refused.ts';

const UUID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const RESOURCE = 'projects/p/locations/global/keyRings/R/cryptoKeys/K';

describe('smallstep’s references become ours', () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    [`awskms:key-id=${UUID}`, `awskms:///${UUID}`],
    [`awskms:key-id=${UUID};region=us-west-1`, `awskms:///${UUID}?region=us-west-1`],
    ['awskms:key-id=alias/x?region=us-west-1', 'awskms:///alias/x?region=us-west-1'],
    [
      'awskms:key-id=arn%3Aaws%3Akms%3Aeu-west-1%3A111122223333%3Aalias%2Fx',
      'awskms:///arn:aws:kms:eu-west-1:111122223333:alias/x',
    ],
    [`cloudkms:${RESOURCE}/cryptoKeyVersions/1`, `gcpkms://${RESOURCE}/cryptoKeyVersions/1`],
    [`cloudkms:resource=${RESOURCE}`, `gcpkms://${RESOURCE}`],
    ['cloudkms:', 'gcpkms:'],
    ['azurekms:name=key-1;vault=My-Vault', 'azurekms://my-vault.vault.azure.net/key-1'],
    ['azurekms:vault=v;name=k?version=abc0', 'azurekms://v.vault.azure.net/k/abc0'],
    ['azurekms:name=k;vault=v;version=abc0', 'azurekms://v.vault.azure.net/k/abc0'],
    ['azurekms:name=k;vault=v?version=abc0&hsm=false', 'azurekms://v.vault.azure.net/k/abc0'],
    ['azurekms:vault=v;name=k;environment=AzureUSGovernmentCloud', 'azurekms://v.vault.usgovcloudapi.net/k'],
    ['azurekms:vault=v;name=k;environment=china?hsm=false', 'azurekms://v.vault.azure.cn/k'],
    ['tpmkms:device=/dev/tpmrm0', 'tpm:?device=/dev/tpmrm0'],
    ['sshagentkms:user@localhost', 'ssh-agent:comment=user@localhost'],
    ['softkms:/etc/step/key.pem', 'file:/etc/step/key.pem'],
    ['softkms:key.pem', 'file:./key.pem'],
    ['softkms:path=keys/key+1.pem', 'file:./keys/key%201.pem'],
    [
      'pkcs11:module-path=/m.so;token=T;id=0a10;object=O;max-sessions=2?pin-source=/pin',
      'pkcs11:token=T;object=O;id=%0A%10?module-path=/m.so&max-sessions=2&pin-source=file:/pin',
    ],
  ];
  for (const [text, expected] of cases) {
    it(text, () => {
      const ref = parseKeyRef(text);
      assert.equal(String(ref), expected);
      assert.deepEqual(parseKeyRef(expected).body, ref.body);
    });
  }
});

describe('what they say and ours cannot', () => {
  const cases: readonly (readonly [text: string, field: string, code: FailureCode])[] = [
    ['awskms:name=new-key', 'awskms.name', 'UNSUPPORTED'],
    [`awskms:key-id=${UUID};profile=p`, 'awskms.profile', 'UNSUPPORTED'],
    [`awskms:key-id=${UUID}?credentials-file=/c`, 'awskms.credentials-file', 'UNSUPPORTED'],
    [`cloudkms:resource=${RESOURCE};credentials-file=/c`, 'cloudkms.credentials-file', 'UNSUPPORTED'],
    ['azurekms:name=k;vault=v?hsm=true', 'azurekms.hsm', 'UNSUPPORTED'],
    ['azurekms:name=k;vault=v;environment=german', 'azurekms.environment', 'UNSUPPORTED'],
    ['azurekms:name=k;vault=v;tenant-id=t', 'azurekms.tenant-id', 'UNSUPPORTED'],
    ['tpmkms:name=k', 'tpmkms.name', 'UNSUPPORTED'],
    ['tpmkms:device=', 'tpmkms.device', 'ARGUMENT_INVALID'],
    ['tpmkms:storage-directory=/s', 'tpmkms.storage-directory', 'UNSUPPORTED'],
    ['azurekms:name=k;vault=v;client-secret=x', 'azurekms.secret', 'ARGUMENT_INVALID'],
    ['azurekms:name=k', 'azurekms.vault', 'ARGUMENT_INVALID'],
    ['azurekms:vault=v', 'azurekms.name', 'ARGUMENT_INVALID'],
    ['azurekms:name=k;vault=evil.example%2Fx', 'azurekms.vault', 'ARGUMENT_INVALID'],
    ['azurekms:name=k;vault=v?hsm=maybe', 'azurekms.hsm', 'ARGUMENT_INVALID'],
    ['awskms:region=eu-west-1', 'awskms.key-id', 'ARGUMENT_INVALID'],
    ['awskms:key-id=x', 'awskms.key', 'ARGUMENT_INVALID'],
    ['awskms:key-id=alias/x;key-id=alias/x', 'awskms.key-id', 'ARGUMENT_INVALID'],
    ['cloudkms:credentials-file=', 'cloudkms.credentials-file', 'UNSUPPORTED'],
    ['cloudkms:resource=x', 'gcpkms', 'ARGUMENT_INVALID'],
    ['softkms:keys/', 'softkms.path', 'ARGUMENT_INVALID'],
    ['softkms:', 'softkms.path', 'ARGUMENT_INVALID'],
    ['sshagentkms:', 'ref', 'ARGUMENT_INVALID'],
    ['pkcs11:module-path=/m.so;token=T;object=O?pin-value=1234', 'pkcs11.pin-value', 'ARGUMENT_INVALID'],
  ];
  for (const [text, field, code] of cases) it(text, () => refused(() => parseKeyRef(text), field, { code }));
});
