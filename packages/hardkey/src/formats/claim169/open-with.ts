/**
 * Decryption with whichever of the reader's keys it is.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import { isFunction } from '../../core/option-table.ts';
import { keyIdNames } from '../../core/trust/key-id.ts';
import { isJsonObject } from '../../core/trust/strict-json.ts';
import { Failure, isFailure } from '../../errors.ts';
import type { OpenEncryptToOptions } from '../cose/encrypt.ts';
import { decodeHeaders, keyIdOf } from '../cose/headers.ts';
import { type OpeningKey, openEncrypted } from '../cose/open-encrypted.ts';
import { decodeCose } from '../cose/structure.ts';
import type { OpenEncrypted } from './signed.ts';
import { openedContent } from './uncovered.ts';

/** A key, or several to try. */
export type OpeningKeys = OpeningKey | readonly OpeningKey[];

/** Whether a value is {@link OpeningKeys}, as far as that shows. */
export function isOpeningKeys(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isOpeningKey) : isOpeningKey(value);
}

function isOpeningKey(value: unknown): boolean {
  return isJsonObject(value) && OPENING.some((name) => isFunction(value[name]));
}

/** What a key has one of. */
const OPENING = ['decrypt', 'unwrap', 'agree'];

/** How keys are asked. */
export type AskOptions = CallOptions & Pick<OpenEncryptToOptions, 'allowService'>;

/**
 * Opens with one of `keys`, the one that the credential names first. What fails with one key is tried
 * with the next; when none opens it, an outage says more than a failure, since that key was never asked.
 */
export function openerOf(keys: OpeningKeys, options: AskOptions): OpenEncrypted {
  if (!isList(keys)) return async (cose) => openedContent(cose, await openEncrypted(cose, keys, options));
  return async (cose) => {
    const failures: Failure[] = [];
    for (const key of inOrder(keys, cose)) {
      try {
        return openedContent(cose, await openEncrypted(cose, key, options));
      } catch (failure) {
        if (!isFailure(failure) || options.signal?.aborted) throw failure;
        failures.push(failure);
      }
    }
    throw failures.find(saysMore) ?? failures.find(isNotOpened) ?? failures[0] ?? notOpened();
  };
}

function isList(keys: OpeningKeys): keys is readonly OpeningKey[] {
  return Array.isArray(keys);
}

/** The keys that may open the structure, the one it names first. */
function inOrder(keys: readonly OpeningKey[], cose: Uint8Array): readonly OpeningKey[] {
  const { kind, elements } = decodeCose(cose);
  if (kind !== 'encrypt0') return keys;
  const keyId = keyIdOf(decodeHeaders(elements[0], elements[1]));
  const names = keyId === undefined ? [] : keyIdNames(keyId);
  const isNamed = ({ key }: OpeningKey): boolean => names.includes(key.id);
  const decryptors = keys.filter((key) => 'decrypt' in key);
  return [...decryptors.filter(isNamed), ...decryptors.filter((key) => !isNamed(key))];
}

/** Whether the key was not asked at all, or refused to answer. */
function saysMore(failure: Failure): boolean {
  return failure.retryable || failure.code === 'DENIED' || failure.code === 'KEY_NOT_FOUND';
}

function isNotOpened(failure: Failure): boolean {
  return failure.code === 'DECRYPTION_FAILED';
}

function notOpened(): Failure {
  return new Failure('DECRYPTION_FAILED', 'none of the keys opens it');
}
