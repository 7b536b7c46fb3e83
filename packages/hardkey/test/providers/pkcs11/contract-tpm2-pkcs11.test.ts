import type { KeySpec } from 'hardkey';
import { contract, neverChanges } from '../../support/contract.ts';
import { copied, subject } from './subject.ts';
import { missingForTokens, tpmToken } from './support.ts';

/** What the TPM has under this library: no key wrapping, no GCM, no agreement. */
const TPM_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'RS256', bits: 2048 },
];

const tpmTokens = copied(tpmToken, TPM_SPECS);

contract(
  'tpm2-pkcs11',
  async (t) => {
    const { token, keys } = await tpmTokens(t);
    return subject(token, keys);
  },
  {
    skip: missingForTokens('tpm2-pkcs11', 'swtpm', 'tpm2-abrmd', 'pkcs11-tool'),
    notApplicable: {
      ...neverChanges,
      'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
      'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
      'an imported key does what its bytes say': 'no key claims a symmetric algorithm',
      'both sides of an agreement have the same secret': 'no key claims to agree',
      'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
      'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
    },
  },
);
