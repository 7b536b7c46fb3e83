/**
 * Making keys: created, imported, rotated.
 *
 * @module
 */
import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type Fields, isFields } from './fields.ts';
import { AzureRefusal } from './rules.ts';
import {
  addVersion,
  type KeyAttributes,
  type KeyVersion,
  keyOf,
  secondsOf,
  type Vault,
  type VaultKey,
} from './store.ts';

/** The curves of Key Vault, and what node:crypto calls them. */
export const CURVES: ReadonlyMap<string, string> = new Map([
  ['P-256', 'P-256'],
  ['P-256K', 'secp256k1'],
  ['P-384', 'P-384'],
  ['P-521', 'P-521'],
]);

const SIZES = [2048, 3072, 4096];
const TYPES = ['EC', 'EC-HSM', 'RSA', 'RSA-HSM'];
const EC_OPERATIONS = ['sign', 'verify'];
const RSA_OPERATIONS = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];

const generate = promisify(generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<{ readonly privateKey: KeyObject }>;

/** Create Key: a new key, or a new version of one that is there. */
export async function createKey(vault: Vault, name: string, fields: Fields): Promise<VaultKey> {
  const type = typeOf(fields['kty']);
  const operations = operationsOf(type, fields['key_ops']);
  const material = await createMaterial(type, fields);
  return addVersion(vault, name, newVersion(vault, { type, material, operations, fields }));
}

/** Import Key: a private key in JSON. */
export function importKey(vault: Vault, name: string, fields: Fields): VaultKey {
  const jwk = (fields['key'] ?? {}) as Fields;
  const plain = String(jwk['kty']).replace(/-HSM$/, '');
  const type = typeOf(fields['Hsm'] === true ? `${plain}-HSM` : jwk['kty']);
  const operations = operationsOf(type, jwk['key_ops']);
  const material = readMaterial(plain, jwk);
  return addVersion(vault, name, newVersion(vault, { type, material, operations, fields }));
}

/** Rotate Key: a new version like the newest. */
export async function rotateKey(vault: Vault, name: string): Promise<VaultKey> {
  const newest = keyOf(vault, name).versions.at(-1);
  if (!newest) throw new Error(`the key ${name} has no version`);
  const { asymmetricKeyDetails: details } = newest.material;
  const like = newest.type.startsWith('EC')
    ? { crv: curveOf(newest.material) }
    : { key_size: details?.modulusLength };
  const material = await createMaterial(newest.type, like);
  const { type, operations, tags } = newest;
  return addVersion(vault, name, newVersion(vault, { type, material, operations, fields: { tags } }));
}

/** The curve of a key, as Key Vault names it. */
export function curveOf(key: KeyObject): string | undefined {
  const { crv } = key.export({ format: 'jwk' });
  return [...CURVES].find(([, named]) => named === crv)?.[0];
}

/** The attributes that a request sets, over those that are there. */
export function attributesOf(fields: Fields, before: KeyAttributes = { enabled: true }): KeyAttributes {
  const given = fields['attributes'] ?? {};
  if (!isAttributes(given))
    throw new AzureRefusal('attributes of key', 'enabled is a boolean, nbf and exp are seconds since 1970.');
  const { enabled, nbf, exp } = given;
  return {
    enabled: enabled ?? before.enabled,
    nbf: nbf ?? before.nbf,
    exp: exp ?? before.exp,
  };
}

function isAttributes(given: unknown): given is Partial<KeyAttributes> {
  if (!isFields(given)) return false;
  const { enabled, nbf, exp } = given;
  const isTime = (value: unknown) => Number.isSafeInteger(value ?? 0);
  return typeof (enabled ?? true) === 'boolean' && isTime(nbf) && isTime(exp);
}

/** The operations that a request allows, among those of the type of key. */
export function operationsOf(type: string, asked: unknown): readonly string[] {
  const possible = type.startsWith('EC') ? EC_OPERATIONS : RSA_OPERATIONS;
  if (!Array.isArray(asked ?? []))
    throw new AzureRefusal('operations of key', 'key_ops is an array of operations.');
  const operations = Array.isArray(asked) && asked.length > 0 ? (asked as readonly string[]) : possible;
  const other = operations.find((one) => !possible.includes(one));
  if (other === undefined) return operations;
  throw new AzureRefusal('operations of key', `The operation '${other}' is not one of keys of type ${type}.`);
}

/** The tags that a request gives. */
export function tagsOf({ tags }: Fields): Readonly<Record<string, string>> | undefined {
  const all: readonly [string, unknown][] = Object.entries(tags ?? {});
  const isTag = (text: unknown) => typeof text === 'string' && text.length <= 512;
  const fits = isFields(tags ?? {}) && all.every((tag) => tag.every(isTag));
  if (fits && all.length <= 15) return tags as Readonly<Record<string, string>> | undefined;
  throw new AzureRefusal(
    'tags of key',
    'A key has 15 tags at most, with names and values of 512 characters.',
  );
}

interface Making {
  readonly type: string;
  readonly material: KeyObject;
  readonly operations: readonly string[];
  readonly fields: Fields;
}

function newVersion(vault: Vault, { type, material, operations, fields }: Making): KeyVersion {
  const now = secondsOf(vault);
  return {
    id: randomBytes(16).toString('hex'),
    type,
    material,
    operations,
    created: now,
    updated: now,
    attributes: attributesOf(fields),
    tags: tagsOf(fields),
  };
}

function typeOf(type: unknown): string {
  if (typeof type === 'string' && TYPES.includes(type)) return type;
  throw new AzureRefusal('type of key', `The key type '${String(type)}' is not one of ${TYPES.join(', ')}.`);
}

async function createMaterial(type: string, fields: Fields): Promise<KeyObject> {
  if (type.startsWith('RSA')) {
    const modulusLength = fields['key_size'] ?? 2048;
    if (SIZES.includes(modulusLength as number)) return (await generate('rsa', { modulusLength })).privateKey;
    throw new AzureRefusal(
      'size of key',
      `The key size ${String(modulusLength)} is not one of ${SIZES.join(', ')}.`,
    );
  }
  const namedCurve = CURVES.get(String(fields['crv'] ?? 'P-256'));
  if (namedCurve !== undefined) return (await generate('ec', { namedCurve })).privateKey;
  throw new AzureRefusal('curve of key', `The curve '${String(fields['crv'])}' is none of Key Vault.`);
}

function readMaterial(kty: string, jwk: Fields): KeyObject {
  const crv = kty === 'EC' ? { crv: CURVES.get(String(jwk['crv'])) } : {};
  if (kty === 'EC' && crv.crv === undefined)
    throw new AzureRefusal('curve of key', `The curve '${String(jwk['crv'])}' is none of Key Vault.`);
  const whole = readPrivateKey({ ...jwk, kty, ...crv } as JsonWebKey);
  const bits = whole.asymmetricKeyDetails?.modulusLength;
  if (kty === 'EC' || SIZES.includes(bits ?? 0)) return whole;
  throw new AzureRefusal('size of key', `The key size ${bits} is not one of ${SIZES.join(', ')}.`);
}

function readPrivateKey(key: JsonWebKey): KeyObject {
  try {
    return createPrivateKey({ key, format: 'jwk' });
  } catch {
    // node:crypto has many words for it; the service has a few.
    throw new AzureRefusal('key that is not whole', 'The key is not a whole private key.');
  }
}
