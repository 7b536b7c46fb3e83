/**
 * A key of a token for those who use it: its handle is looked up again when the process that it was of
 * is gone, and it stays the same key.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import type { Address } from './address.ts';
import type { Mechanisms } from './algorithms.ts';
import type { Client, Located } from './client.ts';
import { remedyOf, tokenFailure, unavailable } from './failures.ts';
import { type FoundKey, findKey } from './find-key.ts';
import type { Reply } from './jobs.ts';
import { publicHalf } from './public-half.ts';
import type { CallError, UseRequest } from './wire.ts';
import type { Worker } from './worker.ts';

/** What is asked, without where. */
export type Use = Pick<UseRequest, 'op' | 'mechanism' | 'length'>;

/** A key to those who use it. */
export interface HeldKey {
  readonly publicKey: PublicKey | undefined;
  /** Of its token. */
  readonly mechanisms: Mechanisms;
  /** Uses the key on bytes. The error of the token, if there is one, is in the reply. */
  use(use: Use, data: Uint8Array, options: CallOptions): Promise<Reply>;
  /** What the token's error means. */
  failure(error: CallError): Failure;
}

/** Holds a key that was found. `address` is the pinned one. */
export function heldKey(
  client: Client,
  address: Address,
  { at, key }: FoundKey,
  publicKey: PublicKey | undefined,
  details: FailureDetails,
): HeldKey {
  let worker: Worker | undefined = at.worker;
  let handle = key.object.handle;

  async function handleIn(there: Located, options: CallOptions): Promise<string> {
    const found = await findKey(client, address, options, details);
    await checkSame(found, publicKey, details);
    ({ worker } = found.at);
    ({ handle } = found.key.object);
    // The token moved once more while it was looked for.
    if (worker !== there.worker) throw unavailable('the worker of the module ended', details);
    return handle;
  }

  function ask(use: Use, data: Uint8Array, options: CallOptions): ReturnType<Client['attempt']> {
    return client.attempt(
      (there) => {
        const { slot } = there.token;
        if (there.worker === worker) return { ...use, slot, key: handle };
        return handleIn(there, options).then((found) => ({ ...use, slot, key: found }));
      },
      options,
      details,
      { data },
    );
  }

  return {
    publicKey,
    mechanisms: at.mechanisms,
    async use(use, data, options) {
      if (key.kind === 'public') {
        throw new Failure(
          'DENIED',
          'the private half is not seen without the PIN of the token: ?pin-source= or --pin-file says where it is',
          {
            ...details,
            field: 'pkcs11.pin-source',
          },
        );
      }
      const first = await ask(use, data, options);
      if (first.reply.head.error === undefined) return first.reply;
      if (remedyOf(first.reply.head.error) !== 'object') return first.reply;
      worker = undefined;
      try {
        return (await ask(use, data, options)).reply;
      } catch (error) {
        if (!isFailure(error, 'KEY_NOT_FOUND')) throw error;
        // It was there. If it is not the key that went, but the token, a new process will see that.
        client.begin(first.at);
        return (await ask(use, data, options)).reply;
      }
    },
    failure: (error) => tokenFailure(error, details),
  };
}

/** A label that was given to another key in the meantime. */
async function checkSame(
  { key }: FoundKey,
  publicKey: PublicKey | undefined,
  details: FailureDetails,
): Promise<void> {
  const actual = (await publicHalf(key))?.fingerprint;
  if (actual === publicKey?.fingerprint) return;
  throw new Failure('SIGNER_MISMATCH', 'another key has the name now', {
    ...details,
    ...(publicKey === undefined ? {} : { expected: publicKey.fingerprint }),
    ...(actual === undefined ? {} : { actual }),
  });
}
