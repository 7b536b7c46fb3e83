/**
 * Objects of a token: which there are under a name, and which of them belong together.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { Pkcs11ObjectType } from '../../core/refs/pkcs11.ts';
import { equalBytes, utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import type { FailureDetails } from '../../errors.ts';
import type { ObjectName } from './address.ts';
import { bytesOf, CKA, CKK, CKO, numberOf, template, textOf } from './attributes.ts';
import type { Answered, Client } from './client.ts';
import type { FoundObject, Reading } from './wire.ts';

/** A key of a token, with what belongs to it. */
export interface TokenKey extends ObjectName {
  /** The private or the secret key; the public one where nothing else is seen. */
  readonly object: FoundObject;
  readonly kind: 'private' | 'secret' | 'public';
  /** The public key, or failing that a certificate of it. */
  readonly publicObject?: FoundObject;
}

/** What was found, and where: handles are of a process. */
export interface Found {
  readonly at: Answered['at'];
  readonly keys: readonly TokenKey[];
}

const EC_TYPES = [CKK.EC, CKK.EC_EDWARDS, CKK.EC_MONTGOMERY];
const NAMES: Reading = { types: [CKA.LABEL, CKA.ID] };
const KEY_NAMES: Reading = { types: [CKA.KEY_TYPE, CKA.LABEL, CKA.ID] };
const CUSTODY: Reading = {
  types: [CKA.SENSITIVE, CKA.ALWAYS_SENSITIVE, CKA.EXTRACTABLE, CKA.NEVER_EXTRACTABLE, CKA.LOCAL],
};
const RSA: Reading = { types: [CKA.MODULUS, CKA.PUBLIC_EXPONENT], keyTypes: [CKK.RSA] };
/** p11-kit cannot carry them, and says DEVICE_ERROR. The token holds to them also where we do not see them. */
const MECHANISMS: Reading = { types: [CKA.ALLOWED_MECHANISMS], optional: true };

const READING: Readonly<Record<number, readonly Reading[]>> = {
  [CKO.PRIVATE_KEY]: [
    KEY_NAMES,
    CUSTODY,
    { types: [CKA.SIGN, CKA.DECRYPT, CKA.DERIVE] },
    { types: [CKA.EC_PARAMS], keyTypes: EC_TYPES },
    RSA,
    { types: [CKA.PUBLIC_KEY_INFO] },
    MECHANISMS,
  ],
  [CKO.SECRET_KEY]: [
    KEY_NAMES,
    CUSTODY,
    { types: [CKA.SIGN, CKA.VERIFY, CKA.ENCRYPT, CKA.DECRYPT, CKA.WRAP, CKA.UNWRAP] },
    { types: [CKA.VALUE_LEN] },
    MECHANISMS,
  ],
  [CKO.PUBLIC_KEY]: [KEY_NAMES, RSA, { types: [CKA.EC_PARAMS, CKA.EC_POINT], keyTypes: EC_TYPES }],
  [CKO.CERTIFICATE]: [NAMES, { types: [CKA.VALUE] }],
};

/** The keys whose label and id are those given; all of them where neither is. */
export async function findKeys(
  client: Client,
  { label, id, type }: ObjectName,
  options: CallOptions,
  details: FailureDetails,
): Promise<Found> {
  const name = { ...(label === undefined ? {} : { label }), ...(id === undefined ? {} : { id }) };
  const { at, objects } = await find(client, name, options, details);
  const keys = keysAmong(objects).filter(({ kind }) => type === undefined || classOf(kind) === type);
  const complete = keys.map((key) => withPublicHalf(client, key, options, details));
  return { at, keys: await Promise.all(complete) };
}

/** What a reference calls the class of a key. */
export function classOf(kind: TokenKey['kind']): Pkcs11ObjectType {
  return kind === 'secret' ? 'secret-key' : kind;
}

/** All objects of that name: the key, its public key, its certificate. */
async function find(
  client: Client,
  { label, id }: ObjectName,
  options: CallOptions,
  details: FailureDetails,
): Promise<{ readonly at: Answered['at']; readonly objects: readonly FoundObject[] }> {
  const wanted = template([
    [CKA.TOKEN, true],
    [CKA.LABEL, label && encodeHex(utf8(label))],
    [CKA.ID, id && encodeHex(id)],
  ]);
  const { at, reply } = await client.call(
    ({ token }) => ({ op: 'find', slot: token.slot, template: wanted, reading: READING }),
    options,
    details,
  );
  return { at, objects: reply.head.objects ?? [] };
}

/** Private and secret keys, and public keys of which nothing else is there. */
function keysAmong(objects: readonly FoundObject[]): readonly TokenKey[] {
  const of = (wanted: number): readonly FoundObject[] =>
    objects.filter((object) => numberOf(object, CKA.CLASS) === wanted);
  const publicKeys = of(CKO.PUBLIC_KEY);
  const certificates = of(CKO.CERTIFICATE);
  const privateKeys = of(CKO.PRIVATE_KEY).map((object) => {
    const publicObject = [...publicKeys, ...certificates].find((other) => belongs(object, other));
    return { ...nameOf(object), object, kind: 'private' as const, ...(publicObject && { publicObject }) };
  });
  const alone = publicKeys.filter((one) => !privateKeys.some(({ object }) => belongs(object, one)));
  return [
    ...privateKeys,
    ...of(CKO.SECRET_KEY).map((object) => ({ ...nameOf(object), object, kind: 'secret' as const })),
    ...alone.map((object) => ({ ...nameOf(object), object, kind: 'public' as const, publicObject: object })),
  ];
}

/** Halves of a pair have one id, and where they have none, one label. */
function belongs(privateKey: FoundObject, other: FoundObject): boolean {
  const type = numberOf(other, CKA.KEY_TYPE);
  if (type !== undefined && type !== numberOf(privateKey, CKA.KEY_TYPE)) return false;
  const id = bytesOf(privateKey, CKA.ID);
  const otherId = bytesOf(other, CKA.ID);
  if (id !== undefined && otherId !== undefined) return equalBytes(id, otherId);
  const label = textOf(privateKey, CKA.LABEL);
  return id === otherId && label !== undefined && label === textOf(other, CKA.LABEL);
}

function nameOf(object: FoundObject): ObjectName {
  const label = textOf(object, CKA.LABEL);
  const id = bytesOf(object, CKA.ID);
  return { ...(label === undefined ? {} : { label }), ...(id === undefined ? {} : { id }) };
}

/** The public half may have another label: it is looked for by its id. */
async function withPublicHalf(
  client: Client,
  key: TokenKey,
  options: CallOptions,
  details: FailureDetails,
): Promise<TokenKey> {
  const { object, kind, id, publicObject } = key;
  const type = numberOf(object, CKA.KEY_TYPE);
  if (kind !== 'private' || publicObject !== undefined || id === undefined || type === CKK.RSA) return key;
  const { objects } = await find(client, { id }, options, details);
  return keysAmong(objects).find((one) => one.object.handle === object.handle) ?? key;
}
