/**
 * What a reference leads to: an object at a handle of the TPM, or one that a file holds.
 *
 * @module
 */
import { basename, extname } from 'node:path';
import type { KeyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { hasAttribute, type ObjectAttribute } from '../../protocols/tpm/attributes.ts';
import { type ReadPublicResponse, readPublic } from '../../protocols/tpm/commands/objects.ts';
import { handleType, handleTypeOf } from '../../protocols/tpm/identifiers.ts';
import type { TpmKeyFile } from '../../protocols/tpm/key-file.ts';
import { objectName } from '../../protocols/tpm/name.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import { otherStorageTemplates, rsaStorageTemplate, storageTemplate } from '../../protocols/tpm/templates.ts';
import { addressOf, refOf, type TpmAddress } from './address.ts';
import { algorithmsOf, publicKeyOfArea } from './algorithms.ts';
import type { Context } from './context.ts';
import { nodeCrypto } from './crypto.ts';
import { isRefusal } from './failures.ts';
import type { TpmKeyInfo } from './key.ts';
import { readKeyFile } from './key-files.ts';
import type { ClosedObject } from './object.ts';
import { policyOfAnyTime } from './policy.ts';
import type { ChildSource, ObjectSource } from './slots.ts';
import type { Tpm } from './tpm.ts';

/** An object that was found. */
export interface FoundObject extends ClosedObject {
  /** Whether it says that it has no authorization value. */
  readonly saysNoValue: boolean;
}

/** A key that was found. */
export interface FoundKey {
  readonly address: TpmAddress;
  readonly info: TpmKeyInfo;
  readonly object: FoundObject;
}

/** Finds the key of a reference. Throws `KEY_NOT_FOUND`, and `UNSUPPORTED` for an object that does nothing for us. */
export async function findKey(context: Context, ref: KeyRef, options: CallOptions): Promise<FoundKey> {
  const address = addressOf(ref, context.settings.device);
  const details = detailsOf(ref);
  context.ready(options, details);
  const file = address.file === undefined ? undefined : await readKeyFile(address.file);
  const object = await context.run(address.device, options, details, (tpm) =>
    file === undefined ? objectAt(context, tpm, address.handle ?? 0) : objectIn(context, tpm, file),
  );
  return { address, object, info: await infoOf(address, object) };
}

/** What failures say of a call that is about a key. */
export function detailsOf(ref: KeyRef): FailureDetails {
  return { provider: 'tpm', ref: String(ref) };
}

/** What is public of the object at a handle; undefined where there is none. */
export async function readAt(tpm: Tpm, handle: number): Promise<ReadPublicResponse | undefined> {
  try {
    const { response } = await tpm.execute(readPublic, {}, { handles: [{ handle, name: NONE }] });
    return response;
  } catch (error) {
    // Part 3 §12.4: which of the two it is depends on the maker of the TPM.
    if (isRefusal(error, responseCode.HANDLE, responseCode.VALUE)) return undefined;
    throw error;
  }
}

const NONE = new Uint8Array();

/** The object at a handle. Throws `KEY_NOT_FOUND`. */
export async function objectAt(context: Context, tpm: Tpm, handle: number): Promise<FoundObject> {
  const found = await readAt(tpm, handle);
  if (found === undefined) throw new Failure('KEY_NOT_FOUND', 'the TPM has no key at this handle');
  const { outPublic: publicArea } = found;
  const name = objectName(publicArea, nodeCrypto.hash);
  return {
    source: { kind: 'persistent', handle, name },
    publicArea,
    saysNoValue: false,
    ...policyOf(context, publicArea.objectAttributes),
  };
}

/** The object in a file. Throws `DENIED` when it is for another TPM. */
export async function objectIn(context: Context, tpm: Tpm, file: TpmKeyFile): Promise<FoundObject> {
  const { publicArea, policy, emptyAuth } = file;
  const source = await loadable(tpm, file);
  const { objectAttributes: word } = publicArea;
  const known =
    policy.length > 0 && !hasAttribute(word, 'userWithAuth') ? { policy } : policyOf(context, word);
  return { source, publicArea, saysNoValue: emptyAuth, ...known };
}

function policyOf({ settings }: Context, word: number): Pick<FoundObject, 'policy'> {
  if (hasAttribute(word, 'userWithAuth') || settings.pcrs.length === 0) return {};
  return { policy: policyOfAnyTime(settings.pcrs, settings.auth !== undefined) };
}

/** The file's key under the parent that opens it. */
async function loadable(
  tpm: Tpm,
  { parent, rsaParent, publicArea, privateArea }: TpmKeyFile,
): Promise<ChildSource> {
  let first: unknown;
  for (const source of await parentsOf(tpm, parent, rsaParent)) {
    const child: ChildSource = { kind: 'child', parent: source, publicArea, privateArea };
    try {
      await tpm.load(child);
      return child;
    } catch (error) {
      if (!isRefusal(error, responseCode.INTEGRITY)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** Parents that a file may mean: programs differ in the primary key of a hierarchy. */
async function parentsOf(tpm: Tpm, parent: number, rsaParent: boolean): Promise<readonly ObjectSource[]> {
  if (handleTypeOf(parent) === handleType.persistent) {
    const found = await readAt(tpm, parent);
    if (found === undefined)
      throw new Failure('KEY_NOT_FOUND', 'the TPM does not have the parent of this key');
    return [{ kind: 'persistent', handle: parent, name: found.name.slice() }];
  }
  const templates = rsaParent ? [rsaStorageTemplate] : [storageTemplate, ...otherStorageTemplates];
  return templates.map((template) => primary(parent, template));
}

const primaries = new Map<string, ObjectSource>();

/** One value for each primary key, so that it is loaded once. */
function primary(hierarchy: number, template: typeof storageTemplate): ObjectSource {
  const at = `${hierarchy} ${encodeHex(objectName(template, nodeCrypto.hash))}`;
  const known = primaries.get(at) ?? ({ kind: 'primary', hierarchy, template } as const);
  primaries.set(at, known);
  return known;
}

/** What the TPM promises of a key, and is told by everybody. */
const FACTS: readonly ObjectAttribute[] = [
  'fixedTPM',
  'fixedParent',
  'sensitiveDataOrigin',
  'userWithAuth',
  'noDA',
];

/** What is known of a key. Throws `UNSUPPORTED` for an object that does nothing for us. */
export async function infoOf(address: TpmAddress, { publicArea }: FoundObject): Promise<TpmKeyInfo> {
  const { objectAttributes: word } = publicArea;
  const publicKey = await publicKeyOfArea(publicArea);
  const algorithms = algorithmsOf(publicArea);
  const ref = refOf(address);
  if (algorithms.length === 0) {
    throw new Failure('UNSUPPORTED', 'the TPM keeps this key for itself', {
      provider: 'tpm',
      ref: String(ref),
    });
  }
  return {
    ref,
    id: publicKey.id,
    ...(address.file === undefined ? {} : { label: basename(address.file, extname(address.file)) }),
    algorithms,
    state: 'active',
    publicKey,
    custody: {
      place: 'tpm',
      level: 'attributed',
      facts: {
        ...Object.fromEntries(FACTS.map((name) => [name, hasAttribute(word, name)])),
        persistent: address.file === undefined,
        name: encodeHex(objectName(publicArea, nodeCrypto.hash)),
      },
    },
  };
}
