// An issuer of credentials, and the layers of their texts, for tests.
import type { TestContext } from 'node:test';
import { deflateSync } from 'node:zlib';
import { createKeys, createTrust, type SignatureAlgorithm, type Signer, type Trust } from 'hardkey';
import type { Meta } from 'hardkey/formats/claim169';
import { signSign1 } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { decodeBase45, encodeBase45 } from '../../../src/encoding/base45.ts';
import type { CborValue } from '../../../src/encoding/cbor/index.ts';
import { decompress } from '../../../src/formats/claim169/compression/node.ts';
import { compressionOf } from '../../../src/formats/claim169/layers.ts';
import { encodeCwt } from '../../../src/formats/cwt/claims.ts';

/** When tests verify. */
export const AT: Date = new Date('2026-06-01T00:00:00Z');
/** The same in Unix seconds. */
export const NOW: number = AT.getTime() / 1000;
/** What every credential says of itself unless a test says otherwise. */
export const META: Meta = { issuer: 'https://issuer.example', subject: '7', expiresAt: NOW + 3600 };

/** Somebody who signs, and a trust in nobody else. */
export interface Issuer {
  readonly signer: Signer;
  readonly trust: Trust;
}

/** A fresh issuer that ends with the test. */
export async function issuerFor(t: TestContext, algorithm: SignatureAlgorithm = 'Ed25519'): Promise<Issuer> {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const rsa = /^[PR]S/.test(algorithm) ? { bits: 2048 } : {};
  const signer = (await keys.create('memory:issuer', { algorithm, ...rsa })).use(algorithm);
  return { signer, trust: await createTrust(signer.publicKey) };
}

/** The text around COSE bytes. */
export function textOf(cose: Uint8Array): string {
  return encodeBase45(deflateSync(cose, { level: 1 }));
}

/** The compressed bytes of a text. */
export function compressedOf(text: string): Uint8Array {
  return decodeBase45(text);
}

/** The COSE bytes of a zlib text. */
export async function coseOf(text: string): Promise<Uint8Array> {
  return decompress('zlib', decodeBase45(text), 65_536);
}

/** What is in a text, however it is compressed. */
export async function contentOf(text: string): Promise<Uint8Array> {
  const bytes = decodeBase45(text);
  return decompress(compressionOf(bytes), bytes, 65_536);
}

/** A signed text whose claim 169 is whatever a test wants it to be. */
export async function signedText(
  { signer }: Issuer,
  claim169: CborValue,
  meta: Meta = META,
): Promise<string> {
  return textOf(await signSign1(encodeCwt(meta, new Map([[169, claim169]])), { signer }));
}

/** The same bytes with one bit changed; bits count from the first of the first byte. */
export function withBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
