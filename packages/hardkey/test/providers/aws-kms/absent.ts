// What subjects of AWS KMS have nothing to show for, and why.
import { signsOnly } from '../../support/contract.ts';

export const NO_CREDENTIALS = {
  'rejected credentials are DENIED': 'the subject has no credentials to reject',
};

export const NO_AEAD = {
  'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
  'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
  'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
    'no key claims to aead',
  'a compromised key still decrypts, and a suspended one does not': 'no key claims to aead',
};

const {
  'what is wrapped unwraps, also when somebody else wrapped it': noWrap,
  'unwrapping fails alike for wrong bytes, key and length': noWrapFailures,
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': noMac,
  'both sides of an agreement have the same secret': noAgreement,
} = signsOnly;

export const NO_AGREEMENT = { 'both sides of an agreement have the same secret': noAgreement ?? '' };
export const NO_WRAP = {
  'what is wrapped unwraps, also when somebody else wrapped it': noWrap ?? '',
  'unwrapping fails alike for wrong bytes, key and length': noWrapFailures ?? '',
};
export const NO_MAC = {
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': noMac ?? '',
};
export const NO_SYMMETRIC = {
  'an imported key does what its bytes say': 'no key claims a symmetric algorithm',
};
export const NO_SIGN = {
  'every signature verifies outside the provider and is as long as its algorithm says':
    'no key claims to sign',
  'a digest is signed as its message is, or digests are UNSUPPORTED': 'no key claims to sign',
  'fifty signatures at once all verify': 'no key claims to sign',
  'after a rotation the new version signs, and the old one verifies and does not sign':
    'no key claims to sign',
  'an imported key whose halves do not belong together is MALFORMED': 'no key claims ES256',
};

/** Of keys that only sign. */
export const SIGNS = {
  ...NO_CREDENTIALS,
  ...NO_AEAD,
  ...NO_AGREEMENT,
  ...NO_WRAP,
  ...NO_MAC,
  ...NO_SYMMETRIC,
};

/** Of keys by which the service wraps. */
export const WRAPS = {
  ...NO_CREDENTIALS,
  ...NO_AEAD,
  ...NO_AGREEMENT,
  ...NO_MAC,
  ...NO_SIGN,
  ...NO_SYMMETRIC,
};
