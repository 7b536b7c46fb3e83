import type { Algorithm } from 'hardkey';
import { awsServers, ministack } from '../../support/aws.ts';
import { contract } from '../../support/contract.ts';
import { NO_AEAD, NO_AGREEMENT, NO_CREDENTIALS, NO_SIGN, SIGNS, WRAPS } from './absent.ts';
import { subject } from './subject.ts';

const LIMITS = { shortestMessage: 1, longestMessage: 4096 };
const HASHED: readonly Algorithm[] = ['ES256', 'ES384', 'ES512', 'ES256K', 'PS256', 'RS256'];

contract('AWS KMS, signatures over hashes', (t) => subject(t, ministack, HASHED), {
  skip: awsServers.missing,
  notApplicable: SIGNS,
});

contract('AWS KMS, Ed25519', (t) => subject(t, ministack, ['Ed25519'], LIMITS), {
  skip: awsServers.missing,
  notApplicable: {
    ...SIGNS,
    'an imported key whose halves do not belong together is MALFORMED': 'no key claims ES256',
  },
});

contract(
  'AWS KMS, codes and RSA-OAEP',
  (t) => subject(t, ministack, ['HS256', 'HS384', 'HS512', 'RSA-OAEP-256'], LIMITS),
  {
    skip: awsServers.missing,
    notApplicable: { ...NO_CREDENTIALS, ...NO_AEAD, ...NO_AGREEMENT, ...NO_SIGN },
  },
);

contract('AWS KMS, wrapping by the service, states', (t) => subject(t, ministack, ['service']), {
  skip: awsServers.missing,
  notApplicable: WRAPS,
  deviations: {
    'unwrapping fails alike for wrong bytes, key and length':
      'ministack opens a ciphertext that was changed, to something else',
  },
});
