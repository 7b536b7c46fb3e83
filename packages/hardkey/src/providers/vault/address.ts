/**
 * `hashivault://KEY[?mount=…&version=…&context=…]`, and `openbao:` the same: which key of which engine.
 *
 * @module
 */
import { type KeyRef, keyRef, parseKeyRef } from '../../core/key-ref.ts';
import { present } from '../../core/refs/refuse.ts';
import { formatVaultKeyName, parseVaultKeyName, type VaultKeyName } from '../../core/refs/vault.ts';
import { Failure } from '../../errors.ts';

/** The schemes of Transit keys. Servers of both kinds have the same interface. */
export type VaultScheme = 'hashivault' | 'openbao';

/** A key of an engine. */
export interface Address extends VaultKeyName {
  /** The reference it was read from. */
  readonly ref: KeyRef;
  /** Path of the engine: that of the reference, or of the configuration. */
  readonly at: string;
}

/** What a reference that leaves something open means. */
export interface Usual {
  readonly scheme: VaultScheme;
  readonly mount: string;
  /** The key of an empty reference. */
  readonly key: string | undefined;
}

/** What a reference names. Throws `ARGUMENT_INVALID` for an empty one where no key is configured. */
export function readAddress(ref: KeyRef, { scheme, mount, key }: Usual): Address {
  if (ref.body === '' && key === undefined) {
    throw new Failure(
      'ARGUMENT_INVALID',
      'the reference names no key, and none is configured: the command takes A1_VAULT_KEY',
      {
        field: 'vault.key',
      },
    );
  }
  const named = parseVaultKeyName(ref.body === '' ? configuredBody(key ?? '', scheme) : ref.body, scheme);
  return { ...named, ref, at: named.mount ?? mount };
}

/** The body of the configured key: a name, or a whole reference. */
export function configuredBody(key: string, scheme: VaultScheme): string {
  return key.includes(':') ? parseKeyRef(key).body : keyRef(scheme, `//${key}`).body;
}

/** The reference of exactly this version. */
export function pinnedRef(
  { key, mount, context }: VaultKeyName,
  scheme: VaultScheme,
  version: number,
): KeyRef {
  return keyRef(scheme, formatVaultKeyName(present<VaultKeyName>({ key, mount, version, context })));
}
