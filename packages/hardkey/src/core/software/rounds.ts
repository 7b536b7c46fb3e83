/**
 * The price of opening an encrypted PKCS #8 key, looked at before it is paid.
 *
 * @module
 */
import { DerReader, derTag } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';

/** RFC 8018 A.4 and A.2. */
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** More than any writer asks for, and less than a hang. */
const MOST_ROUNDS = 20_000_000;

/** Refuses, as `MALFORMED`, a PBKDF2 key whose rounds would keep the reader busy for minutes. */
export function checkRounds(encrypted: Uint8Array): void {
  const algorithm = new DerReader(encrypted, 'privateKey').enter().enter();
  if (algorithm.oid() !== PBES2) return;
  const derivation = algorithm.enter().enter();
  if (derivation.oid() !== PBKDF2) return;
  const parameters = derivation.enter();
  parameters.read(derTag.octetString);
  const rounds = parameters.unsigned().reduce((total, byte) => total * 256 + byte, 0);
  if (rounds <= MOST_ROUNDS) return;
  throw new Failure('MALFORMED', 'the key asks for too many rounds', { field: 'privateKey' });
}
