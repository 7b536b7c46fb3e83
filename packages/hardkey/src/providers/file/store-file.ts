/**
 * `store.json`: what protects a store, and the key that authenticates its records. Written once.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import type { SecretSource } from '../../core/secret.ts';
import { isText, member, parseJsonObject } from '../../core/trust/strict-json.ts';
import { decodeBase64url, encodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import type { RecordKey } from './authentic.ts';
import { decryptJwk, encryptJwk } from './encrypted-jwk.ts';
import { passphraseCheck, withPassphrase } from './passphrase.ts';
import { DEFAULT_DERIVATION, type Derivation, isDerivation } from './pbes2.ts';
import type { Protection } from './record.ts';

/** What a store needs. */
export interface StoreConfig {
  readonly folder: string;
  readonly passphrase?: SecretSource;
  /** Keep keys without a passphrase. */
  readonly unencrypted: boolean;
  /** How private halves are kept in a new store; a store that is there has to be of this kind. */
  readonly derivation?: Derivation;
}

/** What `store.json` says. */
export interface StoreFile {
  readonly hardkey: 1;
  readonly protection: Protection;
  /** How the key of a PKCS #8 file follows from the passphrase. */
  readonly derivation?: Derivation;
  /** The key that authenticates, as an encrypted JWK. */
  readonly recordKey?: string;
}

/** What opens a store. */
export interface StoreKeys {
  readonly recordKey: RecordKey;
  /** Throws `DENIED` for another passphrase than the one the store was opened with. */
  readonly check: (passphrase: Uint8Array) => void;
}

const KEY_ID = 'record-key';
const KEY_LENGTH = 32;

/** The contents of a new one, and what opens it. */
export async function newStoreFile(config: StoreConfig): Promise<StoreKeys & { readonly bytes: Uint8Array }> {
  const write = (file: StoreFile): Uint8Array => utf8(`${JSON.stringify(file)}\n`);
  if (config.unencrypted) {
    return { ...NO_KEYS, bytes: write({ hardkey: 1, protection: 'none' }) };
  }
  const recordKey = randomBytes(KEY_LENGTH);
  const jwk = { kty: 'oct', kid: KEY_ID, k: encodeBase64url(recordKey) } as const;
  return withPassphrase(sourceOf(config), async (passphrase) => {
    const encrypted = fromUtf8(await encryptJwk(jwk, passphrase));
    const derivation = config.derivation ?? DEFAULT_DERIVATION;
    const bytes = write({ hardkey: 1, protection: 'passphrase', derivation, recordKey: encrypted });
    return { recordKey, check: passphraseCheck(passphrase), bytes };
  });
}

/** Reads the file. Throws `MALFORMED`. */
export function parseStoreFile(bytes: Uint8Array, path: string): StoreFile {
  const file = parseJsonObject(fromUtf8(bytes, 'store'), 'store');
  const { hardkey, protection, derivation } = file;
  member(file, 'recordKey', isText, 'store');
  const known = derivation === undefined || isDerivation(derivation);
  if (hardkey === 1 && known && (protection === 'none' || protection === 'passphrase')) {
    return file as object as StoreFile;
  }
  throw new Failure('MALFORMED', 'not the store file of this version', { field: 'store', path });
}

/**
 * What opens the store. Throws `DENIED`, field `passphrase`, for a wrong one, and where the store has one
 * and the configuration has none, or the reverse: whoever can write could have put an open store there.
 */
export async function openStoreFile(file: StoreFile, config: StoreConfig, path: string): Promise<StoreKeys> {
  checkKind(file, config, path);
  if (file.protection === 'none') return NO_KEYS;
  return withPassphrase(sourceOf(config), async (passphrase) => {
    const { kid, k } = await decryptJwk(utf8(file.recordKey ?? ''), passphrase);
    const recordKey = decodeBase64url(k, 'store');
    if (kid === KEY_ID && recordKey.length === KEY_LENGTH) {
      return { recordKey, check: passphraseCheck(passphrase) };
    }
    throw new Failure('VERIFICATION_FAILED', 'the store file was changed', { check: 'store.file', path });
  });
}

const NO_KEYS: StoreKeys = { recordKey: undefined, check: () => undefined };

function checkKind(
  { protection, derivation = DEFAULT_DERIVATION }: StoreFile,
  config: StoreConfig,
  path: string,
): void {
  const isOpen = protection === 'none';
  const details = { field: 'passphrase', path };
  if (isOpen && config.passphrase !== undefined && !config.unencrypted) {
    throw new Failure('DENIED', 'the store has no passphrase, but one was given', details);
  }
  if (!isOpen && config.unencrypted) throw new Failure('DENIED', 'the store has a passphrase', details);
  if (config.derivation === undefined || (!isOpen && config.derivation === derivation)) return;
  throw new Failure('ARGUMENT_INVALID', 'the store derives keys otherwise', { field: 'derivation', path });
}

function sourceOf({ passphrase, folder }: StoreConfig): SecretSource {
  if (passphrase !== undefined) return passphrase;
  const details = { field: 'passphrase', path: folder };
  throw new Failure('ARGUMENT_INVALID', 'the store needs a passphrase', details);
}
