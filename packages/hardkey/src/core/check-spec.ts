/**
 * Whether a key that is to be made can be one.
 *
 * @module
 */
import { Failure } from '../errors.ts';
import type { AlgorithmFacts } from './algorithms.ts';
import type { KeySpec } from './key.ts';

const RSA_BITS: readonly number[] = [2048, 3072, 4096];

/** Checks the size and the curve of a key that is to be made. Throws `ARGUMENT_INVALID` or `UNSUPPORTED`. */
export function checkSpec({ bits, curve }: KeySpec, facts: AlgorithmFacts): void {
  if (facts.keyType === 'none') {
    throw new Failure('UNSUPPORTED', 'only a service has such keys', { algorithm: facts.name });
  }
  if (bits !== undefined && (facts.keyType !== 'RSA' || !RSA_BITS.includes(bits))) {
    throw new Failure('ARGUMENT_INVALID', 'bits are 2048, 3072 or 4096, and for RSA only', { field: 'bits' });
  }
  if (curve !== undefined && !facts.curves.includes(curve)) {
    throw new Failure('ARGUMENT_INVALID', 'not a curve of this algorithm', { field: 'curve' });
  }
}
