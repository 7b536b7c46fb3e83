// Keys of tests that are given, and what tests change in structures.
import assert from 'node:assert/strict';
import { type KeyObject, sign } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  type Algorithm,
  type Algorithms,
  createKeys,
  importPublicKey,
  isFailure,
  type KeyWrapper,
  keyRef,
  Secret,
  type Signer,
} from 'hardkey';
import { type CoseKind, decodeCose } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { CborTag, type CborValue, encodeCbor } from '../../../src/encoding/cbor/index.ts';
import { coseTag } from '../../../src/formats/cose/structure.ts';

/** What most tests sign and encrypt. */
export const PAYLOAD: Uint8Array = utf8('This is the content.');

/** An ES256 signer with a key of node:crypto. */
export async function signerOf(keys: {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}): Promise<Signer> {
  const spki = Uint8Array.from(keys.publicKey.export({ type: 'spki', format: 'der' }));
  const publicKey = await importPublicKey(spki);
  const custody = { place: 'memory', level: 'claimed', facts: {} } as const;
  return {
    algorithm: 'ES256',
    publicKey,
    key: {
      ref: keyRef('memory', 'leaf'),
      id: publicKey.id,
      algorithms: ['ES256'],
      state: 'active',
      custody,
      publicKey,
    },
    sign: async (message) =>
      Uint8Array.from(sign('sha256', message, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

/** A key of given bytes, or of a private JWK, that ends with the test. */
export async function importedKey<A extends Algorithm>(
  t: TestContext,
  algorithm: A,
  given: Uint8Array | Readonly<Record<string, string>>,
): Promise<Algorithms[A]> {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const bytes = given instanceof Uint8Array ? given : utf8(JSON.stringify(given));
  return (await keys.import('memory:given', { material: new Secret(bytes), algorithm })).use(algorithm);
}

/** A key of a service, which wraps by another key and says nothing about how. */
export function serviceKey(inner: KeyWrapper, ref = 'awskms:///alias/documents'): KeyWrapper {
  const [scheme = '', body = ''] = ref.split(/:(.*)/s);
  return {
    algorithm: 'service',
    key: { ...inner.key, ref: keyRef(scheme, body), algorithms: ['service'] },
    wrap: (contentKey, options) => inner.wrap(contentKey, options),
    unwrap: (wrapped, options) => inner.unwrap(wrapped, options),
  };
}

/** The same structure with one element replaced. */
export function replaced(bytes: Uint8Array, at: number, value: CborValue, kind?: CoseKind): Uint8Array {
  const found = decodeCose(bytes);
  return encodeCbor(new CborTag(coseTag[kind ?? found.kind], found.elements.with(at, value)));
}

/** The same bytes with one bit changed; bits count from the first of the first byte. */
export function withBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

/** Which bytes a signature, a code or a ciphertext covers or is: every byte string outside the open headers. */
export function coveredBytes(bytes: Uint8Array): ReadonlySet<number> {
  const covered = new Set<number>();
  const walk = (value: CborValue): void => {
    if (Array.isArray(value)) for (const one of value as readonly CborValue[]) walk(one);
    if (!(value instanceof Uint8Array)) return;
    const start = value.byteOffset - bytes.byteOffset;
    for (let at = start; at < start + value.length; at++) covered.add(at);
  };
  walk(decodeCose(bytes).elements);
  return covered;
}

const REFUSALS: readonly string[] = ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED', 'DECRYPTION_FAILED'];

/**
 * Changes every bit in turn, or those that `which` names. Where something covers it, opening must fail;
 * elsewhere it may also give the same content. How many changes went unnoticed.
 */
export async function changeEveryBit(
  bytes: Uint8Array,
  open: (changed: Uint8Array) => Promise<Uint8Array>,
  which: (byte: number, bit: number) => boolean = () => true,
): Promise<number> {
  const original = Uint8Array.from(await open(bytes));
  const covered = coveredBytes(bytes);
  let unnoticed = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (!which(bit >> 3, bit & 7)) continue;
    try {
      const content = await open(withBit(bytes, bit));
      assert.ok(!covered.has(bit >> 3), `bit ${bit} is covered, and its change was accepted`);
      assert.deepEqual(Uint8Array.from(content), original, `bit ${bit} changed the content`);
      unnoticed++;
    } catch (error) {
      if (!isFailure(error)) throw error;
      assert.ok(REFUSALS.includes(error.code), `bit ${bit}: ${error.code}`);
    }
  }
  return unnoticed;
}
