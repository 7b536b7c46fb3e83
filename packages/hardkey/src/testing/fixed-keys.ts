/**
 * A provider of keys that are the same in every run.
 *
 * @module
 */
import { type Algorithm, isAlgorithm } from '../core/algorithms.ts';
import type { Key, KeyInfo, KeyProvider } from '../core/key.ts';
import { keyRef } from '../core/key-ref.ts';
import type { CallOptions } from '../core/operations.ts';
import { Secret } from '../core/secret.ts';
import { importSoftwareKey, type SoftwarePair } from '../core/software/import.ts';
import { softwareKey } from '../core/software/key.ts';
import { utf8 } from '../encoding/bytes.ts';
import { Failure } from '../errors.ts';
import { type PublishedKey, publishedKeys } from './published.ts';

const SCHEME = 'fixed';

/** What a fixed symmetric key has for an id: there is no public key whose thumbprint it could be. */
const SYMMETRIC_ID = 'f18ed0000000000';

/** A provider of the private keys that standards print, as `fixed:ALGORITHM`: `fixed:Ed25519`, `fixed:A256GCM`. */
export function fixedKeys(): KeyProvider {
  let closed = false;

  function ready(options: CallOptions = {}): void {
    options.signal?.throwIfAborted();
    if (closed) throw new Failure('UNAVAILABLE', 'the provider was closed', { provider: SCHEME });
  }

  return Object.freeze({
    contract: 1,
    schemes: [SCHEME],
    async open(ref, options) {
      ready(options);
      if (!isAlgorithm(ref.body)) {
        throw new Failure('ARGUMENT_INVALID', 'a fixed key is named by its algorithm', { field: 'fixed' });
      }
      const published = publishedKeys.find(({ algorithms }) => algorithms.some((name) => name === ref.body));
      if (published !== undefined) return openKey(published, ref.body, () => ready());
      throw new Failure('KEY_NOT_FOUND', 'no published key of this algorithm', { ref: String(ref) });
    },
    async *list(options) {
      ready(options);
      for (const published of publishedKeys) {
        for (const name of published.algorithms) yield infoOf(published, name, await pairOf(published, name));
      }
    },
    async close() {
      closed = true;
    },
  } satisfies KeyProvider);
}

async function openKey(published: PublishedKey, name: Algorithm, ready: () => void): Promise<Key> {
  const pair = await pairOf(published, name);
  return softwareKey(infoOf(published, name, pair), pair.key, ready);
}

async function pairOf({ jwk }: PublishedKey, name: Algorithm): Promise<SoftwarePair> {
  return importSoftwareKey({ material: new Secret(utf8(JSON.stringify(jwk))), algorithm: name });
}

function infoOf({ source, algorithms }: PublishedKey, name: Algorithm, { publicKey }: SoftwarePair): KeyInfo {
  return {
    ref: keyRef(SCHEME, name),
    id: publicKey?.id ?? `${SYMMETRIC_ID}${publishedKeys.findIndex((one) => one.algorithms === algorithms)}`,
    label: name,
    algorithms: [name],
    state: 'active',
    custody: { place: 'memory', level: 'claimed', facts: { extractable: true, published: source } },
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}
