/**
 * Clause 6: messages of any size. Services that take so many bytes raw break where theirs end.
 *
 * @module
 */
import { type Algorithm, algorithm } from '../core/algorithms.ts';
import type { Key } from '../core/key.ts';
import type { Aead, Mac, Sealed, Signer } from '../core/operations.ts';
import { isGenuine } from '../core/verify.ts';
import { expect, expectFailure, sameBytes } from './expect.ts';
import type { ContractCase } from './subject.ts';
import { AAD, openClaims, perform, publicKeyOf } from './trial.ts';

const SIZES: readonly number[] = [0, 1, 4096, 4097, 1_048_576];
const LONGEST = Uint8Array.from({ length: 1_048_576 }, (_, at) => at * 31);

type Check = (key: Key, name: Algorithm, message: Uint8Array, made: unknown) => boolean | Promise<boolean>;

const CHECKS: Readonly<Record<string, Check>> = {
  sign: (key, name, message, made) =>
    isGenuine(publicKeyOf(key), (key.use(name) as Signer).algorithm, message, made as Uint8Array),
  aead: async (key, name, message, made) =>
    sameBytes(await (key.use(name) as Aead).decrypt(made as Sealed, AAD), message),
  mac: async (key, name, message, made) => {
    await (key.use(name) as Mac).verifyMac(message, made as Uint8Array);
    return true;
  },
};

/** The case of clause 6. */
export const sizeCases: readonly ContractCase[] = [
  {
    clause: 6,
    name: 'messages of 0, 1, 4,096, 4,097 and 1,048,576 bytes are all taken',
    async run(subject) {
      const { shortestMessage = 0, longestMessage = Number.POSITIVE_INFINITY } = subject;
      for (const { name, key } of await openClaims(subject, await subject.provider())) {
        const check = CHECKS[algorithm(name).operation];
        if (check === undefined) continue;
        for (const size of SIZES) {
          const message = LONGEST.subarray(0, size);
          if (size < shortestMessage || size > longestMessage) {
            const act = (): unknown => perform(key, name, {}, message);
            await expectFailure('ARGUMENT_INVALID', `${name} of ${size} bytes`, act);
            continue;
          }
          const made = await perform(key, name, {}, message);
          expect(await check(key, name, message, made), `${name}: what is made of ${size} bytes is right`);
        }
      }
    },
  },
];
