/**
 * The slice of pkcs11js that is called. Every function is synchronous, and throws.
 *
 * @module
 */
import type { CallError } from '../wire.ts';

/** CK_ULONG as bytes. */
export type NativeHandle = Buffer;

/** An attribute as pkcs11js takes it, and gives it back. */
export interface NativeAttribute {
  readonly type: number;
  readonly value?: boolean | number | Buffer;
}

/** A mechanism as pkcs11js takes it. */
export interface NativeMechanism {
  readonly mechanism: number;
  readonly parameter: object | null;
}

/** What C_GetTokenInfo says, padded as it comes. */
export interface NativeTokenInfo {
  readonly label: string;
  readonly serialNumber: string;
  readonly manufacturerID: string;
  readonly model: string;
  readonly flags: number;
}

/** A loaded module. */
export interface Cryptoki {
  load(path: string): void;
  C_Initialize(options: { readonly flags: number; readonly libraryParameters?: string }): void;
  C_Finalize(): void;
  C_GetInfo(): {
    readonly manufacturerID: string;
    readonly libraryDescription: string;
    readonly libraryVersion: { readonly major: number; readonly minor: number };
  };
  C_GetSlotList(tokenPresent: boolean): readonly NativeHandle[];
  C_GetSlotInfo(slot: NativeHandle): { readonly slotDescription: string; readonly manufacturerID: string };
  C_GetTokenInfo(slot: NativeHandle): NativeTokenInfo;
  C_GetMechanismList(slot: NativeHandle): readonly number[];
  C_GetMechanismInfo(slot: NativeHandle, type: number): { readonly flags: number };
  C_OpenSession(slot: NativeHandle, flags: number): NativeHandle;
  C_CloseSession(session: NativeHandle): void;
  C_GetSessionInfo(session: NativeHandle): unknown;
  C_Login(session: NativeHandle, user: number, pin: string): void;
  C_FindObjectsInit(session: NativeHandle, template: readonly NativeAttribute[]): void;
  C_FindObjects(session: NativeHandle, most: number): readonly NativeHandle[];
  C_FindObjectsFinal(session: NativeHandle): void;
  C_GetAttributeValue(
    session: NativeHandle,
    object: NativeHandle,
    attributes: readonly NativeAttribute[],
  ): readonly { readonly type: number; readonly value?: Buffer }[];
  C_SignInit(session: NativeHandle, mechanism: NativeMechanism, key: NativeHandle): void;
  C_Sign(session: NativeHandle, data: Buffer, output: Buffer): Buffer;
  C_EncryptInit(session: NativeHandle, mechanism: NativeMechanism, key: NativeHandle): void;
  C_Encrypt(session: NativeHandle, data: Buffer, output: Buffer): Buffer;
  C_DecryptInit(session: NativeHandle, mechanism: NativeMechanism, key: NativeHandle): void;
  C_Decrypt(session: NativeHandle, data: Buffer, output: Buffer): Buffer;
  C_WrapKey(
    session: NativeHandle,
    mechanism: NativeMechanism,
    wrappingKey: NativeHandle,
    key: NativeHandle,
    output: Buffer,
  ): Buffer;
  C_UnwrapKey(
    session: NativeHandle,
    mechanism: NativeMechanism,
    unwrappingKey: NativeHandle,
    wrapped: Buffer,
    template: readonly NativeAttribute[],
  ): NativeHandle;
  C_DeriveKey(
    session: NativeHandle,
    mechanism: NativeMechanism,
    key: NativeHandle,
    template: readonly NativeAttribute[],
  ): NativeHandle;
  C_GenerateKey(
    session: NativeHandle,
    mechanism: NativeMechanism,
    template: readonly NativeAttribute[],
  ): NativeHandle;
  C_GenerateKeyPair(
    session: NativeHandle,
    mechanism: NativeMechanism,
    publicTemplate: readonly NativeAttribute[],
    privateTemplate: readonly NativeAttribute[],
  ): { readonly publicKey: NativeHandle; readonly privateKey: NativeHandle };
  C_CreateObject(session: NativeHandle, template: readonly NativeAttribute[]): NativeHandle;
  C_DestroyObject(session: NativeHandle, object: NativeHandle): void;
}

/**
 * What pkcs11js threw. Most of its functions give the CKR_… in `code` and their own name in `method`;
 * C_CreateObject has both in the message, as `CKR_…:number`.
 */
export function callError(error: unknown): CallError {
  const { code, message, method } = error as Partial<Record<'code' | 'message' | 'method', unknown>>;
  const [, name = '', number] = /^(CKR_\w+)(?::(\d+))?/.exec(String(message)) ?? [];
  const rv = typeof code === 'number' ? code : Number(number ?? 0);
  return { rv, name, call: typeof method === 'string' ? method : '' };
}

/** The CKR_… of it, 0 for none. */
export function rvOf(error: unknown): number {
  return callError(error).rv;
}
