import { contract } from '../../support/contract.ts';
import { NO_AEAD, NO_AGREEMENT, NO_IMPORT, NO_MAC, NO_SIGN, NO_WRAP } from './absent.ts';
import { subject } from './subject.ts';

const NEVER = { ...NO_AGREEMENT, ...NO_SIGN, ...NO_IMPORT };
const LIMITS = { longestMessage: 65_536 };

contract('Google Cloud KMS, AES-GCM', (t) => subject(t, ['A256GCM', 'A128GCM'], LIMITS), {
  notApplicable: { ...NEVER, ...NO_WRAP, ...NO_MAC },
});

contract('Google Cloud KMS, wrapping', (t) => subject(t, ['service', 'RSA-OAEP-256']), {
  notApplicable: { ...NEVER, ...NO_AEAD, ...NO_MAC },
});

contract('Google Cloud KMS, codes', (t) => subject(t, ['HS256', 'HS384', 'HS512'], LIMITS), {
  notApplicable: { ...NEVER, ...NO_AEAD, ...NO_WRAP },
});
