// What subjects of Cloud KMS have nothing to show for, and why.
export { NO_AEAD, NO_AGREEMENT, NO_MAC, NO_SIGN, NO_WRAP } from '../aws-kms/absent.ts';

/** Stands last: where nothing is imported, nothing else is said of it. */
export const NO_IMPORT = {
  'an imported key does what its bytes say': 'the provider imports no keys',
  'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
};
