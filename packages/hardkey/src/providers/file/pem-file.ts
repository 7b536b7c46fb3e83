/**
 * A key in a file of its own, read only: PEM, DER or JWK, as people already have them.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import type { Key, KeyInfo } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import { Secret, type SecretSource } from '../../core/secret.ts';
import { importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { type Guard, softwareKey } from '../../core/software/key.ts';
import { isEncryptedPem } from '../../encoding/pem.ts';
import { Failure } from '../../errors.ts';
import { codeOf, unavailable } from './access.ts';

const LIMIT = 64 * 1024;

/** Opens the key in a file. `KEY_NOT_FOUND` when there is none. */
export async function openKeyFile(
  ref: KeyRef,
  path: string,
  passphrase: SecretSource | undefined,
  guard: Guard,
): Promise<Key> {
  const { bytes, wide } = read(ref, path);
  const encrypted = isEncryptedPem(new TextDecoder('latin1').decode(bytes));
  const { key, publicKey, algorithms } = await importPem(bytes, encrypted ? await passphrase?.() : undefined);
  if (publicKey === undefined) throw new Failure('MALFORMED', 'not a private key', { path });
  const info: KeyInfo = {
    ref,
    id: publicKey.id,
    algorithms,
    publicKey,
    state: 'active',
    custody: {
      place: 'file',
      level: 'claimed',
      facts: { encrypted, extractable: true, readableByOthers: wide },
    },
  };
  return softwareKey(info, key, guard);
}

function read(ref: KeyRef, path: string): { readonly bytes: Uint8Array; readonly wide: boolean } {
  try {
    const { mode, size } = statSync(path);
    if (size > LIMIT) throw new Failure('MALFORMED', 'too large for a key', { path });
    return { bytes: readFileSync(path), wide: (mode & 0o044) !== 0 };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (codeOf(cause) === 'ENOENT')
      throw new Failure('KEY_NOT_FOUND', 'no such file', { ref: String(ref), path });
    throw unavailable(path, cause);
  }
}

async function importPem(bytes: Uint8Array, passphrase: Secret | undefined): Promise<SoftwarePair> {
  const material = new Secret(bytes);
  bytes.fill(0);
  try {
    return await importSoftwareKey({ material, ...(passphrase === undefined ? {} : { passphrase }) });
  } finally {
    material[Symbol.dispose]();
    passphrase?.[Symbol.dispose]();
  }
}
