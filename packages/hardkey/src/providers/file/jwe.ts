/**
 * The compact form of an encrypted JWK (RFC 7516 §7.1), read strictly: its algorithms, and what a guess at
 * its passphrase costs, are looked at before anything is derived.
 *
 * @module
 */
import { isText, type JsonObject, member, parseJsonObject } from '../../core/trust/strict-json.ts';
import { decodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';

/** RFC 7518 §4.8: the content key under a passphrase. */
export const ALGORITHM = 'PBES2-HS512+A256KW';
/** RFC 7518 §5.3. */
export const ENCRYPTION = 'A256GCM';

/** One encrypted text. */
export interface Jwe {
  /** The header as it was written, which is authenticated. */
  readonly protectedText: string;
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly wrapped: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** RFC 7518 §4.8.1.2: the fewest that are recommended; and more than any writer asks for. */
const ROUNDS_READ = { from: 1000, to: 20_000_000 } as const;
/** RFC 7518 §4.8.1.1. */
const SHORTEST_SALT = 8;
/** AES-KW of 32 bytes; RFC 7518 §5.3. */
const LENGTHS = { wrapped: 40, iv: 12, tag: 16 } as const;

/** Reads it. Throws `UNSUPPORTED` for another algorithm or an extension, and `MALFORMED` with the field. */
export function parseJwe(text: string): Jwe {
  const [protectedText = '', ...rest] = text.split('.');
  const header = parseJsonObject(fromUtf8(decodeBase64url(protectedText, 'jwe'), 'jwe'), 'jwe');
  checkAlgorithms(header);
  const [wrapped, iv, ciphertext, tag] = rest.map((part) => decodeBase64url(part, 'jwe'));
  if (rest.length !== 4 || !wrapped || !iv || !ciphertext || !tag) throw malformed('not five parts', 'jwe');
  const parts = { wrapped, iv, tag };
  for (const name of ['wrapped', 'iv', 'tag'] as const) {
    if (parts[name].length !== LENGTHS[name]) throw malformed('a part is not of its length', `jwe.${name}`);
  }
  return { protectedText, salt: saltOf(header), rounds: roundsOf(header), ciphertext, ...parts };
}

function checkAlgorithms(header: JsonObject): void {
  const expected = { alg: ALGORITHM, enc: ENCRYPTION, cty: 'jwk+json', crit: undefined, zip: undefined };
  for (const [name, value] of Object.entries(expected)) {
    const found = Object.hasOwn(header, name) ? header[name] : undefined;
    // RFC 7517 §7 lets the content type be left out where it is known.
    if (found === value || (name === 'cty' && found === undefined)) continue;
    throw new Failure('UNSUPPORTED', `${ALGORITHM} with ${ENCRYPTION} and no extensions is read`, {
      field: `jwe.${name}`,
    });
  }
}

function saltOf(header: JsonObject): Uint8Array {
  const salt = decodeBase64url(member(header, 'p2s', isText, 'jwe') ?? '', 'jwe.p2s');
  if (salt.length >= SHORTEST_SALT) return salt;
  throw malformed('the salt is too short', 'jwe.p2s');
}

function roundsOf(header: JsonObject): number {
  const rounds = header['p2c'];
  if (Number.isSafeInteger(rounds)) {
    const { from, to } = ROUNDS_READ;
    if (Number(rounds) >= from && Number(rounds) <= to) return Number(rounds);
  }
  throw malformed('the rounds are not a number that is accepted', 'jwe.p2c');
}

function malformed(message: string, field: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field });
}
