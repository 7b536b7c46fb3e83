import type { KeySpec } from 'hardkey';
import { contract, neverChanges } from '../../support/contract.ts';
import { copied, subject } from './subject.ts';
import { type Forwarder, forwarder, missingForTokens, softToken } from './support.ts';

const SOFT_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'ES512' },
  { algorithm: 'ES256K' },
  { algorithm: 'Ed25519' },
  { algorithm: 'Ed448' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS256', bits: 2048 },
  { algorithm: 'A128GCM' },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'A256KW' },
  { algorithm: 'HS256' },
  { algorithm: 'HS512' },
  { algorithm: 'ECDH-ES+A128KW', curve: 'P-384' },
];

let through: Forwarder | undefined;
const softTokens = copied((t, copyOf) => {
  through = forwarder(t);
  return softToken(t, { through, copyOf });
}, SOFT_SPECS);

contract(
  'SoftHSM2',
  async (t) => {
    const { token, keys } = await softTokens(t);
    return { ...subject(token, keys), requests: () => through?.calls() ?? 0 };
  },
  { skip: missingForTokens('softhsm2', 'cc'), notApplicable: neverChanges },
);
