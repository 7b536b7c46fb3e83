/**
 * `tpm:handle=0x81…` and `tpm:file=PATH`, each with the device that can use it.
 *
 * @module
 */
import { type KeyRef, keyRef } from '../../core/key-ref.ts';
import { formatTpmRef, parseTpmRef } from '../../core/refs/tpm.ts';
import { Failure } from '../../errors.ts';

/** Where one key is. */
export type TpmAddress = { readonly device: string } & (
  | { readonly handle: number; readonly file?: never }
  | { readonly file: string; readonly handle?: never }
);

/** What a reference names. Throws `ARGUMENT_INVALID` for one that names a device alone. */
export function addressOf(ref: KeyRef, device: string): TpmAddress {
  const named = parseTpmRef(ref.body);
  const on = { device: named.device ?? device };
  if (named.handle !== undefined) return { ...on, handle: named.handle };
  if (named.file !== undefined) return { ...on, file: named.file };
  throw new Failure('ARGUMENT_INVALID', 'a key of a TPM is a handle or a file', {
    ref: String(ref),
    field: 'tpm.handle',
  });
}

/** The device that a reference names, for those who ask for its keys; undefined where it names none. */
export function tpmDevice(ref: KeyRef): string | undefined {
  return parseTpmRef(ref.body).device;
}

/** The reference of an address, always with its device. */
export function refOf(address: TpmAddress): KeyRef {
  return keyRef('tpm', formatTpmRef(address));
}

/** Handles that the owner may use, and among them those that are for endorsement keys (TCG: Registry of Reserved TPM 2.0 Handles). */
const OWNER_MOST = 0x817fffff;
const ENDORSEMENT = 0x8101;

/** Whether keys at a handle are the owner's to make and end. */
export function isOwners(handle: number): boolean {
  return handle <= OWNER_MOST;
}

/** Throws `ARGUMENT_INVALID` for a handle that no key of ours is put at or taken from. */
export function checkHandle(handle: number, allowEndorsement: boolean, ref: KeyRef): void {
  if (!isOwners(handle)) {
    throw new Failure('ARGUMENT_INVALID', 'handles from 0x81800000 on are the platform’s', {
      ref: String(ref),
      field: 'tpm.handle',
    });
  }
  if (handle >>> 16 !== ENDORSEMENT || allowEndorsement) return;
  throw new Failure(
    'ARGUMENT_INVALID',
    'handles from 0x81010000 to 0x8101ffff are for endorsement keys: not without allowEndorsementHandles (--force)',
    { ref: String(ref), field: 'tpm.handle' },
  );
}
