/**
 * Whether a key can be used, before it is: IAM is asked for every permission that using it takes, and the
 * key itself is not used.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { Failure } from '../../errors.ts';
import { algorithmOf, type Purpose, rowOf } from './algorithms.ts';
import type { Description } from './describe.ts';
import type { Place } from './lifecycle.ts';

/** The permissions that each use takes: `cloudkms.cryptoKeyVersions.` stands before them. */
const PERMISSIONS: Readonly<Record<Purpose, readonly string[]>> = {
  ASYMMETRIC_SIGN: ['useToSign', 'viewPublicKey'],
  ASYMMETRIC_DECRYPT: ['useToDecrypt', 'viewPublicKey'],
  ENCRYPT_DECRYPT: ['useToEncrypt', 'useToDecrypt'],
  RAW_ENCRYPT_DECRYPT: ['useToEncrypt', 'useToDecrypt'],
  MAC: ['useToSign', 'useToVerify'],
};

/** Throws `DENIED` for a permission that is missing, and for a version that is not active. */
export async function checkKey(
  { service, address, details }: Place,
  { algorithm, state }: Description,
  options: CallOptions,
): Promise<void> {
  if (state !== 'active') {
    throw new Failure('DENIED', 'the key is not active', { ...details, field: 'state' });
  }
  const ours = algorithmOf(algorithm);
  if (ours === undefined) return;
  const needed = PERMISSIONS[rowOf(ours).purpose].map((use) => `cloudkms.cryptoKeyVersions.${use}`);
  const request = { resource: address.keyName, permissions: [...needed] };
  const { permissions } = await service.call('testIamPermissions', request, options, details);
  const missing = needed.find((one) => !permissions?.includes(one));
  if (missing === undefined) return;
  throw new Failure('DENIED', `the permission ${missing} is missing`, {
    ...details,
    operation: 'testIamPermissions',
  });
}
