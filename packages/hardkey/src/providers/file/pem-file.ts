/**
 * A key in a file of its own, read only: PEM, DER or JWK, as people already have them.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Guard } from '../../core/bound-key.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import type { KeyRef } from '../../core/key-ref.ts';
import { Secret, type SecretSource } from '../../core/secret.ts';
import { importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { softwareKey } from '../../core/software/key.ts';
import { isEncryptedDer } from '../../core/software/rounds.ts';
import { isEncryptedPem } from '../../encoding/pem.ts';
import { Failure } from '../../errors.ts';
import { codeOf, unavailable } from './access.ts';
import { readWhole } from './disk.ts';
import { withSecret } from './passphrase.ts';

const LIMIT = 64 * 1024;

/** Opens the key in a file. `KEY_NOT_FOUND` when there is none, `MALFORMED` when it is no file. */
export async function openKeyFile(
  ref: KeyRef,
  path: string,
  source: SecretSource | undefined,
  guard: Guard,
): Promise<Key> {
  const { bytes, wide } = read(ref, path);
  const encrypted = isEncryptedDer(bytes) || isEncryptedPem(new TextDecoder('latin1').decode(bytes));
  const { key, publicKey, algorithms } = await taken(bytes, encrypted, source, path);
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

async function taken(
  bytes: Uint8Array,
  encrypted: boolean,
  source: SecretSource | undefined,
  path: string,
): Promise<SoftwarePair> {
  const material = new Secret(bytes);
  bytes.fill(0);
  try {
    return await (encrypted ? takenEncrypted(material, source, path) : importSoftwareKey({ material }));
  } finally {
    material[Symbol.dispose]();
  }
}

async function takenEncrypted(
  material: Secret,
  source: SecretSource | undefined,
  path: string,
): Promise<SoftwarePair> {
  if (source === undefined) {
    const details = { field: 'passphrase', path };
    throw new Failure('ARGUMENT_INVALID', 'the key file is encrypted and needs a passphrase', details);
  }
  return withSecret(source, (passphrase) => importSoftwareKey({ material, passphrase }));
}

function read(ref: KeyRef, path: string): { readonly bytes: Uint8Array; readonly wide: boolean } {
  let descriptor: number | undefined;
  try {
    // A pipe that nobody writes to is not waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Failure('MALFORMED', 'not a file', { path });
    const bytes = readWhole(descriptor, stats.size, LIMIT, path);
    return { bytes, wide: (stats.mode & 0o044) !== 0 };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    if (codeOf(cause) !== 'ENOENT') throw unavailable(path, cause);
    throw new Failure('KEY_NOT_FOUND', 'no such file', { ref: String(ref), path });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
