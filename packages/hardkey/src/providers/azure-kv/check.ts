/**
 * Whether a key can be used, before it is. Key Vault has no call that only asks, so that what is proved is
 * done once: a signature over a message of ours, which is thrown away, or a key that is wrapped and unwrapped.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import type { CheckingOptions, Key } from '../../core/key.ts';
import type { KeyWrapper, Signer } from '../../core/operations.ts';
import { equalBytes, utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

const MESSAGE = utf8('hardkey asks whether this key can be used');
const CONTENT_KEY_LENGTH = 32;

/** Throws `DENIED` for a permission that is missing, and what using the key would throw. */
export async function checkKey(key: Key, { algorithm: wanted, ...options }: CheckingOptions): Promise<void> {
  const [first] = key.algorithms;
  const name = key.algorithms.find((one) => one === wanted) ?? first;
  if (name === undefined) return;
  if (algorithm(name).operation === 'sign') {
    await (key.use(name) as Signer).sign(MESSAGE, options);
    return;
  }
  const wrapper = key.use(name) as KeyWrapper;
  const contentKey = randomBytes(CONTENT_KEY_LENGTH);
  if (equalBytes(await wrapper.unwrap(await wrapper.wrap(contentKey, options), options), contentKey)) return;
  throw new Failure('SIGNER_MISMATCH', 'what was wrapped unwraps to something else', {
    ref: String(key.ref),
  });
}
