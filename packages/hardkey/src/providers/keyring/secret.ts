/**
 * Secrets that the keyring keeps for others: the PIN of a token, a passphrase.
 *
 * @module
 */
import { parseKeyRef } from '../../core/key-ref.ts';
import { Secret, type SecretSource } from '../../core/secret.ts';
import { Failure, invalid } from '../../errors.ts';
import { readAddress } from './address.ts';
import { keyringClient } from './client.ts';
import { type KeyringConfig, readConfig } from './config.ts';

/**
 * The secret of the entry that `keyring:service=S;account=A` names, read whenever it is asked for, as
 * `secret-tool store --label=L service S username A` keeps it. Throws `ARGUMENT_INVALID` for another
 * reference; asked for, it is `DENIED` where the keyring is locked and stays so, and `UNAVAILABLE` where
 * there is no keyring, or no such entry.
 */
export function secretKeyring(
  reference: string,
  { library: given }: Pick<KeyringConfig, 'library'> = {},
): SecretSource {
  const ref = parseKeyRef(reference);
  if (ref.scheme !== 'keyring') throw invalid('a reference with keyring: is needed', 'keyring');
  const { store, library } = readConfig(given === undefined ? {} : { library: given });
  const { service, account } = readAddress(ref, store);
  const client = keyringClient(library);
  const details = { ref: String(ref), provider: 'keyring' };
  return () =>
    client.run({}, details, (entries) =>
      entries.read(service, account, (bytes) => {
        if (bytes !== undefined && bytes.length > 0) return new Secret(bytes);
        throw new Failure('UNAVAILABLE', 'the keyring has no such secret', details);
      }),
    );
}
