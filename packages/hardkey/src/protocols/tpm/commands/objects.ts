/**
 * Objects: making, loading, keeping and ending them (Part 3 §12, §24 and §28).
 *
 * @module
 */
import { sized, struct, u32, u64 } from '../codec.ts';
import { command, frameMost, HIDES_REQUEST, HIDES_RESPONSE, type TpmCommand } from '../command.ts';
import { type PublicArea, sizedPublicArea } from '../public-area.ts';
import {
  creationTicket,
  digest,
  name,
  type PcrSelection,
  pcrSelections,
  privateArea,
  type SavedContext,
  type SensitiveCreate,
  sensitiveCreate,
  type Ticket,
} from '../structures.ts';

/** What an object is made of. */
export interface CreateRequest {
  readonly inSensitive: SensitiveCreate;
  readonly inPublic: PublicArea;
  readonly outsideInfo: Uint8Array;
  readonly creationPCR: readonly PcrSelection[];
}

const createRequest = struct<CreateRequest>({
  inSensitive: sensitiveCreate,
  inPublic: sizedPublicArea,
  outsideInfo: digest,
  creationPCR: pcrSelections,
});

/** What is said of an object that was made. `creationData` is a TPMS_CREATION_DATA, as its bytes are. */
export interface Created {
  readonly outPublic: PublicArea;
  readonly creationData: Uint8Array;
  readonly creationHash: Uint8Array;
  readonly creationTicket: Ticket;
}

const created = {
  outPublic: sizedPublicArea,
  creationData: sized(1024),
  creationHash: digest,
  creationTicket,
} as const;

/** §12.1. */
export const create: TpmCommand<CreateRequest, Created & { readonly outPrivate: Uint8Array }> = command({
  name: 'TPM2_Create',
  code: 0x153,
  handles: ['parentHandle'],
  auths: 1,
  request: createRequest,
  response: struct<Created & { readonly outPrivate: Uint8Array }>({ outPrivate: privateArea, ...created }),
  secret: HIDES_REQUEST,
  slow: true,
});

/** An object to load. */
export interface LoadRequest {
  readonly inPrivate: Uint8Array;
  readonly inPublic: PublicArea;
}

interface Named {
  readonly name: Uint8Array;
}

/** §12.2. */
export const load: TpmCommand<LoadRequest, Named> = command({
  name: 'TPM2_Load',
  code: 0x157,
  handles: ['parentHandle'],
  auths: 1,
  request: struct<LoadRequest>({ inPrivate: privateArea, inPublic: sizedPublicArea }),
  answersHandle: true,
  response: struct<Named>({ name }),
});

/** What is public of an object. */
export interface ReadPublicResponse {
  readonly outPublic: PublicArea;
  readonly name: Uint8Array;
  readonly qualifiedName: Uint8Array;
}

/** §12.4. */
export const readPublic: TpmCommand<object, ReadPublicResponse> = command({
  name: 'TPM2_ReadPublic',
  code: 0x173,
  handles: ['objectHandle'],
  response: struct<ReadPublicResponse>({ outPublic: sizedPublicArea, name, qualifiedName: name }),
});

/** §12.7. */
export const unseal: TpmCommand<object, { readonly outData: Uint8Array }> = command({
  name: 'TPM2_Unseal',
  code: 0x15e,
  handles: ['itemHandle'],
  auths: 1,
  response: struct<{ readonly outData: Uint8Array }>({ outData: sized(256) }),
  secret: HIDES_RESPONSE,
});

const savedContext = struct<SavedContext>({
  sequence: u64,
  savedHandle: u32,
  hierarchy: u32,
  blob: sized(frameMost),
});

/** §28.2. */
export const contextSave: TpmCommand<object, { readonly context: SavedContext }> = command({
  name: 'TPM2_ContextSave',
  code: 0x162,
  handles: ['saveHandle'],
  response: struct<{ readonly context: SavedContext }>({ context: savedContext }),
});

/** §28.3. */
export const contextLoad: TpmCommand<{ readonly context: SavedContext }, object> = command({
  name: 'TPM2_ContextLoad',
  code: 0x161,
  request: struct<{ readonly context: SavedContext }>({ context: savedContext }),
  answersHandle: true,
});

/** §28.5. */
export const evictControl: TpmCommand<{ readonly persistentHandle: number }, object> = command({
  name: 'TPM2_EvictControl',
  code: 0x120,
  handles: ['auth', 'objectHandle'],
  auths: 1,
  request: struct<{ readonly persistentHandle: number }>({ persistentHandle: u32 }),
});

/** §24.1. */
export const createPrimary: TpmCommand<CreateRequest, Created & Named> = command({
  name: 'TPM2_CreatePrimary',
  code: 0x131,
  handles: ['primaryHandle'],
  auths: 1,
  request: createRequest,
  answersHandle: true,
  response: struct<Created & Named>({ ...created, name }),
  secret: HIDES_REQUEST,
  slow: true,
});
