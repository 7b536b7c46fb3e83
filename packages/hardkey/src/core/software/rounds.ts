/**
 * The price of opening an encrypted PKCS #8 key, looked at before it is paid.
 *
 * @module
 */
import { runtime } from '#crypto';
import { DerReader, derTag } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';

/** RFC 8018 A.4 and A.2, RFC 7914 §7. */
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const SCRYPT = '1.3.6.1.4.1.11591.4.11';

/** More than any writer asks for, and less than a hang. */
const MOST_ROUNDS = 20_000_000;
/** OpenSSL, and Node.js with it, gives scrypt this much memory; with less than 2^15 = N and r = 8 it is enough. */
const MOST_MEMORY = 32 * 1024 * 1024;
/** N · r · p: 32 times what OpenSSL writes, about a second and a half. */
const MOST_WORK = 2 ** 22;

/** Whether the material begins like EncryptedPrivateKeyInfo (RFC 5958 §3): an algorithm, and octets. */
export function isEncryptedDer(material: Uint8Array): boolean {
  if (material[0] !== derTag.sequence) return false;
  const info = new DerReader(material, 'privateKey').enter();
  const first = info.tag;
  if (first !== derTag.sequence) return false;
  info.read(derTag.sequence);
  return info.tag === derTag.octetString;
}

/**
 * Refuses a key, with the parameter in `field`, whose derivation would keep the reader busy for minutes, as
 * `MALFORMED`, or take more memory than the runtime gives it, as `UNSUPPORTED`.
 */
export function checkRounds(encrypted: Uint8Array): void {
  const algorithm = new DerReader(encrypted, 'privateKey').enter().enter();
  const scheme = algorithm.oid();
  const parameters = algorithm.enter();
  // PBES1 and the schemes of PKCS #12 have salt and rounds where PBES2 has a sequence.
  if (scheme !== PBES2) return checkIterations(parameters);
  const derivation = parameters.enter();
  const name = derivation.oid();
  if (name === PBKDF2) return checkIterations(derivation.enter());
  if (name === SCRYPT) return checkScrypt(derivation.enter());
  throw new Failure('UNSUPPORTED', 'not a derivation that is read here', { field: 'privateKey.derivation' });
}

function checkIterations(parameters: DerReader): void {
  parameters.read(derTag.octetString);
  if (integer(parameters) > MOST_ROUNDS) throw tooSlow('iterationCount');
}

/** RFC 7914 §7.1: salt, costParameter N, blockSize r, parallelizationParameter p. */
function checkScrypt(parameters: DerReader): void {
  parameters.read(derTag.octetString);
  const [n, r, p] = [integer(parameters), integer(parameters), integer(parameters)];
  // As EVP_PBE_scrypt(3) counts: N + 2 blocks of 128 r bytes to mix in, and p to mix.
  if (128 * r > MOST_MEMORY) throw tooLarge('blockSize');
  if (128 * r * (n + 2) > MOST_MEMORY) throw tooLarge('costParameter');
  if (128 * r * (n + 2 + p) > MOST_MEMORY) throw tooLarge('parallelizationParameter');
  if (n * r * p > MOST_WORK) throw tooSlow('parallelizationParameter');
}

function integer(parameters: DerReader): number {
  return parameters.unsigned().reduce((total, byte) => total * 256 + byte, 0);
}

function tooSlow(parameter: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'the key asks for too much work', { field: `privateKey.${parameter}` });
}

function tooLarge(parameter: string): Failure<'UNSUPPORTED'> {
  const most = MOST_MEMORY / 2 ** 20;
  return new Failure('UNSUPPORTED', `${runtime} opens keys under scrypt that take at most ${most} MiB`, {
    field: `privateKey.${parameter}`,
  });
}
