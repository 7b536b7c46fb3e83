/**
 * What is known of one version of a key.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm } from '../../core/algorithms.ts';
import { importPublicKey, publicKeyOf } from '../../core/import-public-key.ts';
import type { KeyInfo } from '../../core/key.ts';
import { lately } from '../../core/lately.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyFits } from '../../core/verify.ts';
import { decodeBase64, encodeBase64 } from '../../encoding/base64.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type Address, pinnedRef, type VaultScheme } from './address.ts';
import { algorithmsOf, type PublicForm, type TypeRow } from './algorithms.ts';
import { malformedAnswer } from './failures.ts';
import { type KeyData, type VersionData, versionData } from './key-data.ts';

/**
 * Describes a version. Throws `UNSUPPORTED` for a key that nothing here can be done with, and
 * `ARGUMENT_INVALID` for a context of a key that has none, or none of one that needs it: the server would
 * leave it out in silence.
 */
export async function infoOf(
  address: Address,
  scheme: VaultScheme,
  data: KeyData,
  version: number,
  details: FailureDetails,
): Promise<KeyInfo> {
  const row = usableRow(data, details);
  checkContext(address, data);
  const found = versionData(data, version, details);
  const publicKey = await publicHalf(row, found, details);
  return Object.freeze({
    ref: pinnedRef(address, scheme, version),
    id: publicKey?.id ?? (await secretId(address, version, found)),
    label: address.key,
    algorithms: Object.freeze(algorithmsOf(row, data.keySize)),
    state: data.softDeleted ? 'suspended' : 'active',
    ...(version === data.latest ? {} : { superseded: true }),
    custody: Object.freeze({
      place: 'service',
      level: 'attributed',
      facts: Object.freeze({ ...data.facts, type: data.type }),
    }),
    ...(found.createdAt === undefined ? {} : { createdAt: found.createdAt }),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
}

/** The row of a key that can be used, undefined for one that cannot. */
function usableRow({ row, convergent }: KeyData, details: FailureDetails): TypeRow {
  if (row === undefined) throw new Failure('UNSUPPORTED', 'nothing here uses keys of this type', details);
  // What it encrypts can be compared, so that whoever may ask it finds out what was encrypted.
  if (convergent) throw new Failure('UNSUPPORTED', 'the key encrypts the same to the same', details);
  return row;
}

function checkContext({ context, ref }: Address, { derived }: KeyData): void {
  if (derived === (context !== undefined)) return;
  const message = derived
    ? 'the key is one for each context: ?context= says which'
    : 'the key has no contexts, and the server would leave it out';
  throw new Failure('ARGUMENT_INVALID', message, { ref: String(ref), field: 'vault.context' });
}

/** The public half, of the kind that the type says. */
async function publicHalf(
  { publicForm, algorithms: [name] }: TypeRow,
  { publicKey: text }: VersionData,
  details: FailureDetails,
): Promise<PublicKey | undefined> {
  if (publicForm === undefined) return undefined;
  if (text === undefined) throw malformedAnswer('public_key', details);
  const key = await imported(publicForm, text);
  if (name !== undefined && keyFits(key, algorithm(name))) return key;
  throw malformedAnswer('public_key', details);
}

/** Keys that were read before, so that opening one again costs no more than the call. */
const KNOWN = lately<PublicKey>(256);

async function imported(form: PublicForm, text: string): Promise<PublicKey> {
  const name = `${form === 'pem' ? 'PEM' : (form.curve ?? form.parameterSet)} ${text}`;
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  const key = await (form === 'pem'
    ? importPublicKey(text)
    : publicKeyOf({ ...form, raw: decodeBase64(text, 'vault.public_key') }));
  return KNOWN.keep(name, key);
}

/** Names stand for a secret key, and the time at which it was made: one of the same name later is another. */
async function secretId(
  { at, key, context = new Uint8Array() }: Address,
  version: number,
  { createdAt = 0 }: VersionData,
): Promise<string> {
  const names = JSON.stringify([at, key, version, createdAt, encodeBase64(context)]);
  return encodeHex((await digest('SHA-256', utf8(names))).subarray(0, 8));
}
