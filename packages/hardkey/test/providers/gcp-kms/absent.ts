// What subjects of Cloud KMS have nothing to show for, and why.
export const NO_IMPORT = {
  'an imported key does what its bytes say': 'the provider imports no keys',
  'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
};

export const NO_AGREEMENT = {
  'both sides of an agreement have the same secret': 'no key claims to agree',
};

export const NO_AEAD = {
  'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
  'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
  'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
    'no key claims to aead',
  'a compromised key still decrypts, and a suspended one does not': 'no key claims to aead',
};

export const NO_WRAP = {
  'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
  'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
};

export const NO_MAC = {
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
};

export const NO_SIGN = {
  'every signature verifies outside the provider and is as long as its algorithm says':
    'no key claims to sign',
  'a digest is signed as its message is, or digests are UNSUPPORTED': 'no key claims to sign',
  'fifty signatures at once all verify': 'no key claims to sign',
  'after a rotation the new version signs, and the old one verifies and does not sign':
    'no key claims to sign',
};
