import { contract, signsOnly } from '../../support/contract.ts';
import { subject } from './subject.ts';

const {
  'what is encrypted decrypts, with a nonce of its own each time': noAead = '',
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': noMac = '',
  'both sides of an agreement have the same secret': noAgreement = '',
  'an imported key does what its bytes say': noImport = '',
  'what is wrapped unwraps, also when somebody else wrapped it': noWrap = '',
} = signsOnly;

/** What Key Vault has no keys for, or takes no keys in for. */
const NEVER = {
  'what is encrypted decrypts, with a nonce of its own each time': noAead,
  'decrypting fails alike for wrong data, tag, nonce, key and length': noAead,
  'after a rotation the new version encrypts, and the old one decrypts and does not encrypt': noAead,
  'a compromised key still decrypts, and a suspended one does not': noAead,
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': noMac,
  'both sides of an agreement have the same secret': noAgreement,
  'an imported key does what its bytes say': noImport,
  'an imported key whose halves do not belong together is MALFORMED': noImport,
};

contract('Azure Key Vault, EC', (t) => subject(t, ['ES256', 'ES384', 'ES512', 'ES256K']), {
  notApplicable: {
    ...NEVER,
    'what is wrapped unwraps, also when somebody else wrapped it': noWrap,
    'unwrapping fails alike for wrong bytes, key and length': noWrap,
  },
});

const RSA = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'RSA-OAEP-256'] as const;

contract('Azure Key Vault, RSA', (t) => subject(t, RSA), { notApplicable: NEVER });
