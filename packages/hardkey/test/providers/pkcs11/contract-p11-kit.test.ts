import type { KeySpec } from 'hardkey';
import { contract, neverChanges } from '../../support/contract.ts';
import { copied, subject } from './subject.ts';
import { missingForTokens, remoteToken } from './support.ts';

/** What its wire format can carry: no mechanism with parameters it does not know. */
const REMOTE_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS256', bits: 2048 },
  { algorithm: 'HS256' },
];

const remoteTokens = copied(remoteToken, REMOTE_SPECS);

contract(
  'p11-kit remoting',
  async (t) => {
    const { token, keys } = await remoteTokens(t);
    return subject(token, keys);
  },
  {
    skip: missingForTokens('softhsm2', 'p11-kit'),
    notApplicable: {
      ...neverChanges,
      'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
      'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
      'both sides of an agreement have the same secret': 'no key claims to agree',
      'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
      'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
    },
  },
);
