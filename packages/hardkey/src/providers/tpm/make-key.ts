/**
 * Making a key, and putting it where it is to stay.
 *
 * @module
 */
import { type AlgorithmFacts, algorithm } from '../../core/algorithms.ts';
import type { KeySpec } from '../../core/key.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type Created, create, evictControl } from '../../protocols/tpm/commands/objects.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import type { PolicyStep } from '../../protocols/tpm/key-file.ts';
import type { PublicArea } from '../../protocols/tpm/public-area.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import { keyTemplate } from '../../protocols/tpm/templates.ts';
import { newKey } from './algorithms.ts';
import { permanentHandle } from './client.ts';
import type { Context } from './context.ts';
import { isRefusal } from './failures.ts';
import { executeOn, type TpmObject } from './object.ts';
import { policyDigest, policyOfNow } from './policy.ts';
import type { ChildSource } from './slots.ts';
import { ownerStorage, type Tpm } from './tpm.ts';

const EMPTY = new Uint8Array();

/** An object that was made, which no TPM holds yet. */
export interface MadeObject {
  readonly source: ChildSource;
  /** What the TPM says of how it was made. */
  readonly created: Created;
  readonly policy: readonly PolicyStep[];
}

/** What the TPM is given to make a key of. */
export interface KeyRequest {
  readonly spec: KeySpec;
  /** The authorization value of the new key; empty for none. */
  readonly value: Uint8Array;
}

/** Makes a key. Throws `UNSUPPORTED` for what this TPM, or any, does not make. */
export async function makeKey(context: Context, tpm: Tpm, { spec, value }: KeyRequest): Promise<MadeObject> {
  const facts = algorithm(spec.algorithm);
  const wanted = newKey(spec, facts);
  const hasValue = value.length > 0;
  try {
    return await makeObject(context, tpm, { value, data: EMPTY }, (authPolicy) =>
      keyTemplate({ ...wanted, hasValue, authPolicy }),
    );
  } catch (error) {
    throw isRefusal(error, responseCode.VALUE, responseCode.KEY_SIZE) ? notMade(facts, error) : error;
  }
}

/** Part 3 §12.1.1: a size of key that is not implemented is a wrong value. */
function notMade({ name }: AlgorithmFacts, cause: unknown): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'the TPM does not make keys of this size', { algorithm: name }, cause);
}

/** Makes an object under the owner's storage key, bound to the registers of the configuration. */
export async function makeObject(
  { settings }: Context,
  tpm: Tpm,
  { value, data }: { readonly value: Uint8Array; readonly data: Uint8Array },
  template: (authPolicy: Uint8Array) => PublicArea,
): Promise<MadeObject> {
  const policy = settings.pcrs.length === 0 ? [] : await policyOfNow(tpm, settings.pcrs, value.length > 0);
  const authPolicy = policy.length === 0 ? EMPTY : await policyDigest(tpm, policy, 'SHA-256');
  const request = {
    inSensitive: { userAuth: value, data },
    inPublic: template(authPolicy),
    outsideInfo: EMPTY,
    creationPCR: [],
  };
  const { response } = await executeOn(tpm, create, request, [OWNER]);
  const { outPublic: publicArea, outPrivate } = response;
  return {
    policy,
    created: response,
    source: { kind: 'child', parent: ownerStorage, publicArea, privateArea: outPrivate.slice() },
  };
}

/** The parent of everything that is made here. */
const OWNER: TpmObject = { source: ownerStorage, publicArea: ownerStorage.template, value: EMPTY };

/** Keeps a key in the TPM, at a handle that must be free: `KEY_EXISTS` otherwise. */
export async function keepAt(
  context: Context,
  tpm: Tpm,
  { source }: MadeObject,
  persistentHandle: number,
  options: CallOptions,
  details: FailureDetails,
): Promise<void> {
  const object = await tpm.load(source);
  const authorization = await context.hierarchy(tpm, permanent.owner);
  // Whoever was told that the call is over finds nothing made by it.
  checkLimits(options, details);
  await tpm.execute(
    evictControl,
    { persistentHandle },
    { handles: [permanentHandle(permanent.owner), object], authorizations: [authorization] },
  );
}
