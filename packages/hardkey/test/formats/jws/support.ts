// Keys and texts for the tests of JWS and JWT.
import { type Algorithm, type Algorithms, createKeys, Secret } from 'hardkey';
import { memory } from 'hardkey/providers/memory';

/** UTF-8 of a text. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The text of UTF-8 bytes. */
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
/** What JOSE writes for bytes, for a text, or for the JSON of anything else. */
export function base64url(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
/** The JSON of an encoded part. */
export const json = (part: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>;
/** The header of compact text. */
export const headerOf = (jws: string): Record<string, unknown> => json(jws.split('.')[0]);

/** A fresh key bound to its algorithm. */
export async function fresh<A extends Algorithm>(algorithm: A): Promise<Algorithms[A]> {
  return (await createKeys([memory()]).create('memory:fresh', { algorithm })).use(algorithm);
}

/** The key of a private JWK bound to an algorithm. */
export async function keyOf<A extends Algorithm>(jwk: object, algorithm: A): Promise<Algorithms[A]> {
  const material = new Secret(utf8(JSON.stringify(jwk)));
  return (await createKeys([memory()]).import('memory:given', { material, algorithm })).use(algorithm);
}
