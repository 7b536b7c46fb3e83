/**
 * `hardkey key generate`.
 *
 * @module
 */
import { algorithm, type Curve, type KeySpec } from 'hardkey';
import { choice, required } from '../../given.ts';
import type { Run } from '../../tree/command.ts';
import { makeKey } from './make.ts';

const CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521', 'X25519', 'X448'];

/** A device may search for the primes of an RSA key for minutes. */
const MAKING_MS = 600_000;

/** See the tree. */
export const run: Run = async (given, context) => {
  const { name } = algorithm(required(given, 'algorithm'));
  const bits = given.text('bits');
  const curve = given.text('curve');
  const spec: KeySpec = {
    algorithm: name,
    ...(bits === undefined ? {} : { bits: Number(choice(bits, 'bits', ['2048', '3072', '4096'])) }),
    ...(curve === undefined ? {} : { curve: choice(curve, 'curve', CURVES) }),
  };
  await makeKey(given, context, (keys, ref) => keys.create(ref, spec), {
    policy: { deadlineMs: MAKING_MS },
    force: given.has('force'),
    makesKey: true,
  });
  return 0;
};
