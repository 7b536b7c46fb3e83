/**
 * Opening, making, listing and ending keys.
 *
 * @module
 */

import { algorithm } from '../../core/algorithms.ts';
import type { Key, KeyInfo, KeySpec } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import { checkLimits, waitWithin } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, isFailure } from '../../errors.ts';
import { hasAttribute } from '../../protocols/tpm/attributes.ts';
import { type Created, evictControl } from '../../protocols/tpm/commands/objects.ts';
import { handleType, permanent } from '../../protocols/tpm/identifiers.ts';
import { objectName } from '../../protocols/tpm/name.ts';
import type { PublicArea } from '../../protocols/tpm/public-area.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import { addressOf, checkHandle, isOwners } from './address.ts';
import { newKey } from './algorithms.ts';
import { permanentHandle } from './client.ts';
import { handlesOf } from './connection.ts';
import type { Context } from './context.ts';
import { nodeCrypto } from './crypto.ts';
import { isRefusal, isWrongValue } from './failures.ts';
import {
  detailsOf,
  type FoundKey,
  type FoundObject,
  findKey,
  infoOf,
  objectAt,
  objectIn,
  readAt,
} from './found-key.ts';
import { type KeyUse, tpmKey } from './key.ts';
import { isThere, keyFilesIn, readKeyFile, removeKeyFile, writeKeyFile } from './key-files.ts';
import { keepAt, makeKey } from './make-key.ts';
import type { TpmObject } from './object.ts';
import { readLockout } from './status.ts';
import type { Tpm } from './tpm.ts';

/** Opens the key of a reference. */
export async function openKey(context: Context, ref: KeyRef, options: CallOptions): Promise<Key> {
  const found = await findKey(context, ref, options);
  return tpmKey(found.info, useOf(context, found), context.settings.attestationCertificates);
}

/** Makes a key, and opens it. `onMade` is called with it before it is put where it is to stay. */
export async function createKey(
  context: Context,
  ref: KeyRef,
  spec: KeySpec,
  options: CallOptions,
  onMade?: (tpm: Tpm, object: TpmObject, created: Created) => Promise<void>,
): Promise<Key> {
  const { device, handle, file } = addressOf(ref, context.settings.device);
  const details = detailsOf(ref);
  context.ready(options, details);
  newKey(spec, algorithm(spec.algorithm));
  if (handle !== undefined) checkHandle(handle, context.settings.allowEndorsementHandles, ref);
  const exists = new Failure('KEY_EXISTS', 'the key exists', details);
  if (file !== undefined && (await isThere(file))) throw exists;
  const value = await waitWithin(context.valueOf(ref), options, Number.POSITIVE_INFINITY, details);
  const make = async (tpm: Tpm): Promise<void> => {
    if (handle !== undefined && (await isTaken(tpm, handle))) throw exists;
    const made = await makeKey(context, tpm, { spec, value });
    await onMade?.(tpm, { source: made.source, publicArea: made.source.publicArea, value }, made.created);
    if (handle !== undefined) return keepAt(context, tpm, made, handle, options, details);
    const { source, policy } = made;
    const { publicArea, privateArea } = source;
    checkLimits(options, details);
    return writeKeyFile(file ?? '', {
      kind: 'loadable',
      emptyAuth: value.length === 0,
      policy,
      rsaParent: false,
      parent: permanent.owner,
      publicArea,
      privateArea,
    });
  };
  await context.run(device, options, details, make, () => value.fill(0));
  return openKey(context, ref, options);
}

/** Whether there is anything at a handle, whatever it is. */
async function isTaken(tpm: Tpm, handle: number): Promise<boolean> {
  const handles = await handlesOf(tpm, handleType.persistent);
  return handles.includes(handle);
}

/** Ends a key for good. */
export async function destroyKey(context: Context, ref: KeyRef, options: CallOptions): Promise<void> {
  const { device, handle, file } = addressOf(ref, context.settings.device);
  const details = detailsOf(ref);
  context.ready(options, details);
  if (file !== undefined) return removeKeyFile(file);
  const persistentHandle = handle ?? 0;
  checkHandle(persistentHandle, context.settings.allowEndorsementHandles, ref);
  return context.run(device, options, details, async (tpm) => {
    const found = await readAt(tpm, persistentHandle);
    if (found === undefined) throw new Failure('KEY_NOT_FOUND', 'the TPM has no key at this handle', details);
    if (!context.settings.allowStorageKeys) checkEndable(found.outPublic, ref);
    const authorization = await context.hierarchy(tpm, permanent.owner);
    checkLimits(options, details);
    const object = { handle: persistentHandle, name: found.name };
    const handles = [permanentHandle(permanent.owner), object];
    await tpm.execute(evictControl, { persistentHandle }, { handles, authorizations: [authorization] });
  });
}

/** Throws `ARGUMENT_INVALID` for a key that the TPM keeps for itself: other keys may live by it. */
function checkEndable({ objectAttributes: word }: PublicArea, ref: KeyRef): void {
  if (!hasAttribute(word, 'restricted')) return;
  const what = hasAttribute(word, 'decrypt')
    ? 'this is a storage key, and without it keys that were made under it cannot be used'
    : 'this is a key that the TPM keeps for its own statements';
  throw new Failure('ARGUMENT_INVALID', `${what}: not without allowStorageKeys (--force)`, {
    ref: String(ref),
    field: 'tpm.handle',
  });
}

/** The keys that stay in the TPM, and those of the folder of the configuration. */
export async function* listKeys(context: Context, options: CallOptions): AsyncIterable<KeyInfo> {
  const { device, folder } = context.settings;
  const details = { provider: 'tpm', path: device };
  const handles = await context.run(device, options, details, (tpm) => handlesOf(tpm, handleType.persistent));
  for (const handle of handles.filter(isOwners)) {
    const info = await known(() =>
      context.run(device, options, details, async (tpm) => {
        return infoOf({ device, handle }, await objectAt(context, tpm, handle));
      }),
    );
    if (info !== undefined) yield info;
  }
  for (const file of folder === undefined ? [] : await keyFilesIn(folder)) {
    const info = await known(async () => {
      const contents = await readKeyFile(file);
      return context.run(device, options, { ...details, path: file }, async (tpm) => {
        return infoOf({ device, file }, await objectIn(context, tpm, contents));
      });
    });
    if (info !== undefined) yield info;
  }
}

/** What does nothing for us, is gone by now, or is for another TPM, is not ours to list. */
async function known(info: () => Promise<KeyInfo>): Promise<KeyInfo | undefined> {
  try {
    return await info();
  } catch (error) {
    const isForAnother = isRefusal(error, responseCode.INTEGRITY);
    if (isForAnother || isFailure(error, 'UNSUPPORTED') || isFailure(error, 'KEY_NOT_FOUND'))
      return undefined;
    throw error;
  }
}

/** How a key that was found is used. */
function useOf(context: Context, { address, info, object }: FoundKey): KeyUse {
  const details = detailsOf(info.ref);
  const { auth, askAuth } = context.settings;
  const name = encodeHex(objectName(object.publicArea, nodeCrypto.hash));
  const counts = !hasAttribute(object.publicArea.objectAttributes, 'noDA');
  // tpm2-tools 5.4 says it of keys that have one: where wrong values count, a value that is given is used.
  const hasNone = object.saysNoValue && !counts;
  const canAsk = askAuth !== undefined && auth === undefined && !hasNone;
  let asks = canAsk && counts && isFromFile(object) && !object.saysNoValue;
  let isGuess = !object.saysNoValue && auth === undefined && counts;

  /** Throws what an earlier try with a wrong value ended in. */
  function checkRefused(): void {
    const before = context.refused.get(name);
    if (before === undefined) return;
    throw new Failure(before.code, before.message, { ...before.details, ...details }, before.cause);
  }

  async function attempt<T>(options: CallOptions, act: Act<T>, given: Promise<Uint8Array>): Promise<T> {
    const isAsked = asks;
    const value = await waitWithin(given, options, Number.POSITIVE_INFINITY, details);
    const turn = async (tpm: Tpm): Promise<T> => {
      // Of those that wait at once, one wrong value is enough.
      checkRefused();
      if (asks && !isAsked) throw noValue();
      try {
        if (isGuess && !isAsked) await checkGuess(tpm);
        const result = await act(tpm, { ...object, value });
        isGuess = false;
        return result;
      } catch (error) {
        if (isWrongValue(error)) await checkSame(tpm, object);
        const failure = auth === undefined && !isAsked && isWrongValue(error) ? noValue(error) : error;
        if (canAsk) asks ||= isAboutValue(failure);
        if (isRefusal(error, responseCode.AUTH_FAIL) && (isAsked || !canAsk)) {
          context.refused.set(name, failure as Failure);
        }
        throw failure;
      }
    };
    return context.run(address.device, options, details, turn, () => value.fill(0));
  }

  return {
    ready: (options) => context.ready(options, details),
    async run(options, act) {
      context.ready(options, details);
      checkRefused();
      if (!asks) {
        const given = hasNone ? Promise.resolve(new Uint8Array()) : context.valueOf(info.ref);
        try {
          return await attempt(options, act, given);
        } catch (error) {
          if (!canAsk || !isAboutValue(error)) throw error;
        }
      }
      return attempt(options, act, context.askedValueOf(info.ref));
    },
  };
}

type Act<T> = (tpm: Tpm, object: TpmObject) => Promise<T>;

function isFromFile({ source }: FoundObject): boolean {
  return source.kind === 'child';
}

/** Whether the key has, or may have, a value that was not given. */
function isAboutValue(error: unknown): boolean {
  return isFailure(error, 'ARGUMENT_INVALID') && error.details.field === 'tpm.auth';
}

/**
 * Nothing tells from outside whether a key has an authorization value. An empty one is tried where none
 * was given, but only while no wrong one counts: so it can never be what locks the TPM.
 */
async function checkGuess(tpm: Tpm): Promise<void> {
  const { tries, maxTries } = await readLockout(tpm);
  if (tries === 0 && maxTries > 1) return;
  throw noValue();
}

function noValue(cause?: unknown): Failure<'ARGUMENT_INVALID'> {
  const has = cause === undefined ? 'may have' : 'has';
  const message = `the key ${has} an authorization value, and it is not given: auth (--pin-file)`;
  return new Failure('ARGUMENT_INVALID', message, { field: 'tpm.auth' }, cause);
}

/** A proof over the name of one key is no proof for another: whether that is why it failed. */
async function checkSame(tpm: Tpm, { source }: FoundObject): Promise<void> {
  if (source.kind !== 'persistent') return;
  const now = await readAt(tpm, source.handle);
  if (now === undefined) throw new Failure('KEY_NOT_FOUND', 'the TPM has no key at this handle any more');
  if (equalBytes(now.name, source.name)) return;
  throw new Failure('SIGNER_MISMATCH', 'the handle holds another key than the one that was opened');
}
