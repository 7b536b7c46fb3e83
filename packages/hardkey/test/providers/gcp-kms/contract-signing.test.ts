import type { Algorithm } from 'hardkey';
import { contract } from '../../support/contract.ts';
import { NO_AEAD, NO_AGREEMENT, NO_IMPORT, NO_MAC, NO_WRAP } from './absent.ts';
import { subject } from './subject.ts';

const notApplicable = { ...NO_IMPORT, ...NO_AGREEMENT, ...NO_AEAD, ...NO_WRAP, ...NO_MAC };
const HASHED: readonly Algorithm[] = ['ES256', 'ES384', 'ES256K', 'PS256', 'RS256'];
const WHOLE: readonly Algorithm[] = ['Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'];
const LIMITS = { shortestMessage: 1, longestMessage: 65_536 };

contract('Google Cloud KMS, signatures over hashes', (t) => subject(t, HASHED), { notApplicable });
contract('Google Cloud KMS, signatures over messages', (t) => subject(t, WHOLE, LIMITS), { notApplicable });
