import type { KeySpec } from 'hardkey';
import { contract, neverChanges } from '../../support/contract.ts';
import { copied, subject } from './subject.ts';
import { missingForTokens, nssToken } from './support.ts';

/** No Edwards curves, and OAEP with SHA-256. */
const NSS_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'ES512' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS512', bits: 2048 },
  { algorithm: 'RSA-OAEP-256', bits: 2048 },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'A256KW' },
  { algorithm: 'A128KWP' },
  { algorithm: 'A256KWP' },
  { algorithm: 'HS256' },
  { algorithm: 'HS384' },
  { algorithm: 'ECDH-ES+A256KW', curve: 'P-521' },
];

const nssTokens = copied(nssToken, NSS_SPECS);

contract(
  'NSS',
  async (t) => {
    const { token, keys } = await nssTokens(t);
    return subject(token, keys);
  },
  { skip: missingForTokens('nss'), notApplicable: neverChanges },
);
