/**
 * The objects that are loaded: a TPM has room for three, and each is put back when it is needed again.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { Authorization } from '../../protocols/tpm/authorization.ts';
import { contextLoad, contextSave, createPrimary, load } from '../../protocols/tpm/commands/objects.ts';
import { flushContext } from '../../protocols/tpm/commands/sessions.ts';
import { objectName } from '../../protocols/tpm/name.ts';
import type { PublicArea } from '../../protocols/tpm/public-area.ts';
import { responseCode } from '../../protocols/tpm/response-code.ts';
import type { SavedContext } from '../../protocols/tpm/structures.ts';
import { permanentHandle, type TpmClient, type TpmHandle } from './client.ts';
import { nodeCrypto } from './crypto.ts';
import { codeOf, isRefusal } from './failures.ts';

/** A primary key: made of the seed of its hierarchy and a template, the same each time. */
export interface PrimarySource {
  readonly kind: 'primary';
  /** A permanent handle. */
  readonly hierarchy: number;
  readonly template: PublicArea;
}

/** A key in the form in which its parent opens it. */
export interface ChildSource {
  readonly kind: 'child';
  readonly parent: ObjectSource;
  readonly publicArea: PublicArea;
  readonly privateArea: Uint8Array;
}

/** An object that stays in the TPM. */
export interface PersistentSource extends TpmHandle {
  readonly kind: 'persistent';
}

/** Where an object comes from. Two that are the same object are the same value. */
export type ObjectSource = PrimarySource | ChildSource | PersistentSource;

/** How making a primary key is authorized, by its hierarchy, or loading a child, by its parent. */
export type AuthorizeParent = (source: PrimarySource | ChildSource) => Promise<Authorization>;

/** An object that is in the TPM. */
export interface LoadedObject extends TpmHandle {
  /** Absent for what stays in the TPM. */
  readonly publicArea?: PublicArea;
}

/** Loaded objects. */
export interface Slots {
  /** Loads an object, unless it is loaded. It stays at least until the next call with others to `keep`. */
  load(source: ObjectSource, keep?: readonly ObjectSource[]): Promise<LoadedObject>;
  /** Puts everything away that is not among these. */
  clear(keep: readonly TpmHandle[]): Promise<void>;
  /** Forgets everything: the TPM has. */
  forget(): void;
}

/** Part 1 §15.2.2 asks of a TPM for three at least. */
const SLOTS = 3;

const NONE = new Uint8Array();

/** No objects yet. `authorize` proves what making and loading them takes. */
export function slots(client: TpmClient, authorize: AuthorizeParent, details: FailureDetails): Slots {
  const loaded = new Map<ObjectSource, LoadedObject>();
  const known = new WeakMap<ObjectSource, LoadedObject>();
  let saved = new WeakMap<ObjectSource, SavedContext>();

  async function evict(source: ObjectSource, { handle, name }: TpmHandle): Promise<void> {
    if (!saved.has(source)) {
      const { response } = await client.execute(contextSave, {}, { handles: [{ handle, name }] });
      saved.set(source, { ...response.context, blob: response.context.blob.slice() });
    }
    await client.execute(flushContext, { flushHandle: handle });
    loaded.delete(source);
  }

  /** Makes room for one more. The least recently used goes first. */
  async function makeRoom(keep: readonly ObjectSource[]): Promise<void> {
    for (const [source, handle] of loaded) {
      if (loaded.size < SLOTS) return;
      if (!keep.includes(source)) await evict(source, handle);
    }
  }

  async function make(
    source: PrimarySource | ChildSource,
    keep: readonly ObjectSource[],
  ): Promise<LoadedObject> {
    if (source.kind === 'primary') {
      await makeRoom(keep);
      const made = await client.execute(
        createPrimary,
        {
          inSensitive: { userAuth: NONE, data: NONE },
          inPublic: source.template,
          outsideInfo: NONE,
          creationPCR: [],
        },
        { handles: [permanentHandle(source.hierarchy)], authorizations: [await authorize(source)] },
      );
      return named(made.handle, made.response.outPublic, made.response.name);
    }
    const parent = await get(source.parent, keep);
    await makeRoom([...keep, source.parent]);
    const authorization = await authorize(source);
    const { handle, response } = await client.execute(
      load,
      { inPrivate: source.privateArea, inPublic: source.publicArea },
      { handles: [parent], authorizations: [authorization] },
    );
    return named(handle, source.publicArea, response.name);
  }

  function named(handle: number, area: PublicArea, name: Uint8Array): LoadedObject {
    // Part 1 §16: the name is computed here too, or what was loaded need not be what was meant.
    if (equalBytes(objectName(area, nodeCrypto.hash), name)) {
      return { handle, name: name.slice(), publicArea: area };
    }
    throw new Failure(
      'SIGNER_MISMATCH',
      'the TPM holds another object than the one that was loaded',
      details,
    );
  }

  async function restore(
    source: ObjectSource,
    keep: readonly ObjectSource[],
  ): Promise<LoadedObject | undefined> {
    const context = saved.get(source);
    const before = known.get(source);
    if (context === undefined || before === undefined) return undefined;
    await makeRoom(keep);
    try {
      const { handle } = await client.execute(contextLoad, { context });
      return { ...before, handle };
    } catch (error) {
      if (codeOf(error) === undefined || isRefusal(error, responseCode.OBJECT_MEMORY)) throw error;
      // A context does not outlive a reset of the TPM.
      saved.delete(source);
      return undefined;
    }
  }

  async function get(source: ObjectSource, keep: readonly ObjectSource[]): Promise<LoadedObject> {
    if (source.kind === 'persistent') return source;
    const present = loaded.get(source);
    // Last in the map is the most recently used.
    loaded.delete(source);
    const object = present ?? (await restore(source, keep)) ?? (await make(source, keep));
    loaded.set(source, object);
    known.set(source, object);
    return object;
  }

  return {
    load: (source, keep = []) => get(source, [source, ...keep]),
    async clear(keep) {
      for (const [source, object] of loaded) {
        if (!keep.some(({ handle }) => handle === object.handle)) await evict(source, object);
      }
    },
    forget() {
      loaded.clear();
      saved = new WeakMap();
    },
  };
}
