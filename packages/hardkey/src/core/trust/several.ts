/**
 * Documents with several signatures: which of them must be genuine.
 *
 * @module
 */
import { Failure, isFailure } from '../../errors.ts';

/** What became of the signatures of a document. */
export interface Several<T> {
  /** The genuine ones, in the order of the document. */
  readonly genuine: readonly [T, ...T[]];
  /** Why others did not verify: only where a minimum was asked for. */
  readonly refused: readonly Failure[];
}

/** How the signatures of a document are verified. */
export interface SeveralOptions<S, T> {
  readonly verify: (signature: S) => Promise<T>;
  /** Tells keys apart. Keys are counted, not signatures: one signer does not become two by signing twice. */
  readonly identify: (genuine: T) => string;
  /** How many different keys must have signed. Undefined: every signature must verify. */
  readonly minimum: number | undefined;
}

/**
 * Verifies the signatures, at least one, in their order. Throws what the first that must verify and does
 * not threw; where a minimum was asked for and fewer signed, the first failure, or
 * `VERIFICATION_FAILED`, check `signers`, when some key signed more than once.
 */
export async function verifySeveral<S, T>(
  signatures: readonly S[],
  { verify, identify, minimum }: SeveralOptions<S, T>,
): Promise<Several<T>> {
  const genuine: T[] = [];
  const refused: Failure[] = [];
  for (const signature of signatures) {
    try {
      genuine.push(await verify(signature));
    } catch (failure) {
      if (minimum === undefined || !isTolerable(failure)) throw failure;
      refused.push(failure);
    }
  }
  const [first, ...others] = genuine;
  const enough = new Set(genuine.map(identify)).size >= (minimum ?? 1);
  if (first !== undefined && enough) return { genuine: [first, ...others], refused };
  throw refused[0] ?? tooFew();
}

/** A signature by somebody else, or by means that are not known here; not a broken document. */
function isTolerable(failure: unknown): failure is Failure {
  return isFailure(failure, 'VERIFICATION_FAILED') || isFailure(failure, 'UNSUPPORTED');
}

function tooFew(): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', 'fewer keys have signed than are needed', { check: 'signers' });
}
