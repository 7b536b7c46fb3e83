/**
 * Whether evidence proves what the registers of a TPM hold.
 *
 * @module
 */
import type { PublicKey } from '../../core/public-key.ts';
import type { Check } from '../../core/trust/verify-trusted.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { decodeTpm } from '../../protocols/tpm/codec.ts';
import { publicArea } from '../../protocols/tpm/public-area.ts';
import type { PcrSelection } from '../../protocols/tpm/structures.ts';
import { hashOf, refuse, type StatementOptions, verifyStatement } from './statement.ts';

/** What a quote is held to. */
export type QuoteOptions = StatementOptions;

/** One register and its value. */
export interface QuotedRegister {
  readonly bank: string;
  readonly index: number;
  readonly value: Uint8Array;
}

/** What a quote proved. */
export interface Quoted {
  readonly registers: readonly QuotedRegister[];
  readonly attestationKey: PublicKey;
  readonly checks: readonly Check[];
}

/**
 * Checks that a TPM which one of `roots` stands for had these values in its registers, and said so for
 * this nonce. Whether the values are good ones is the caller's to say. Throws as `verifyAttestation`
 * does, and `attestation.registers` where the values are not those of the statement.
 */
export async function verifyQuote(bytes: Uint8Array, options: QuoteOptions): Promise<Quoted> {
  const { evidence, attest, attestationKey, checks } = await verifyStatement(bytes, options);
  const { pcrValues } = evidence;
  if (attest.type !== 'quote' || pcrValues === undefined) return refuse('kind', 'the statement is no quote');
  const { scheme } = decodeTpm(publicArea, evidence.attestationKey, 'evidence.attestationKey');
  if (!('hash' in scheme)) return refuse('attestation-key', 'the key is bound to no hash');
  // Part 3 §18.4.1: the digest is by the hash of the signature.
  if (!equalBytes(await hashOf(scheme.hash, ...pcrValues), attest.attested.pcrDigest)) {
    refuse('registers', 'the values are not those of the statement');
  }
  const registers = registersOf(attest.attested.pcrSelect, pcrValues);
  return { registers, attestationKey, checks: [...checks, { name: 'attestation.registers', passed: true }] };
}

function registersOf(
  selections: readonly PcrSelection[],
  values: readonly Uint8Array[],
): readonly QuotedRegister[] {
  const selected = selections.flatMap(({ hash, select }) =>
    [...select].flatMap((byte, at) =>
      [0, 1, 2, 3, 4, 5, 6, 7]
        .filter((bit) => (byte & (1 << bit)) !== 0)
        .map((bit) => ({ bank: hash.replace('-', '').toLowerCase(), index: 8 * at + bit })),
    ),
  );
  if (selected.length !== values.length) {
    throw new Failure('MALFORMED', 'another number of values than of registers', {
      field: 'evidence.pcrValues',
    });
  }
  return selected.map((one, at) => ({ ...one, value: values[at] ?? new Uint8Array() }));
}
