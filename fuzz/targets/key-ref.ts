/**
 * Key references: what is parsed has one canonical form, and stands for itself.
 *
 * @module
 */
import { parseKeyRef } from '../../packages/hardkey/src/core/key-ref.ts';
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';

const REFS = [
  'memory:issuer',
  'file:issuer',
  'file:/etc/keys/issuer.pem',
  'exec:signer',
  'pkcs11:token=prod;object=issuer;id=%01%02;type=private?module-path=/usr/lib/softhsm.so',
  'pkcs11:serial=12345;slot-id=0;library-version=2.6;object=a%20b%3b',
  'awskms:///arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  'awskms:///alias/issuer',
  'awskms:key-id=alias/x?region=us-west-1',
  'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
  'cloudkms:projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
  'azurekms://vault.vault.azure.net/issuer/0123456789abcdef0123456789abcdef',
  'azurekms:vault=v;name=k;environment=AzureUSGovernmentCloud',
  'hashivault://issuer?mount=transit&version=2',
  'keyring:service=hardkey;account=issuer',
  'tpm:handle=0x81000100?device=/dev/tpmrm0',
  'tpm:file=key.pem',
  'openbao://KEY',
  'softkms:path=keys/key+1.pem',
  'ssh-agent:fingerprint=SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDtM1sSvHjkVYxoVuM',
  'sshagentkms:user@host',
  'my-plug-in:anything',
];

/** See the module. */
export const keyRef: Target = {
  name: 'key-ref',
  allowed: ['ARGUMENT_INVALID', 'UNSUPPORTED'],
  seeds: () => REFS.map((ref) => utf8(ref)),
  words: [
    ...[
      'pkcs11:',
      'file:',
      'awskms:',
      'azurekms:',
      'tpmkms:',
      '://',
      ';',
      '?',
      '&',
      '=',
      '/',
      '..',
      '@',
      '#',
    ],
    ...[
      '%00',
      '%2F',
      '%3b',
      '%7c',
      '%zz',
      '%',
      '|',
      'pin-value=1',
      'pin-source=',
      'object=',
      'id=',
      ' ',
      '\u202e',
    ],
  ].map((word) => utf8(word)),
  run(input) {
    const text = textOf(input);
    const ref = parseKeyRef(text);
    const again = parseKeyRef(ref.toString());
    promised(ref.toString() === `${ref.scheme}:${ref.body}`, 'a reference is scheme:body');
    promised(
      again.scheme === ref.scheme && again.body === ref.body,
      'a canonical reference stands for itself',
    );
    return ref.body.length;
  },
};
