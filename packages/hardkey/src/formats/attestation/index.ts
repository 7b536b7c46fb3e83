/**
 * Evidence of where a key lives, and what it proves.
 *
 * @module
 */
export { type Quoted, type QuotedRegister, type QuoteOptions, verifyQuote } from './quote.ts';
export {
  type AttestationOptions,
  type Attested,
  type AttestedCustody,
  verifyAttestation,
} from './verify.ts';
