/**
 * What a keyring holds: keys, which other programs may have put there, and what is public of them. The first
 * byte says which of the two an input is. No failure quotes a key.
 *
 * @module
 */
import { inspect } from 'node:util';
import { Secret } from '../../packages/hardkey/src/core/secret.ts';
import { importSoftwareKey } from '../../packages/hardkey/src/core/software/import.ts';
import { concat, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import {
  decodeEntry,
  encodeEntry,
  type KeptKey,
} from '../../packages/hardkey/src/providers/keyring/entry.ts';
import { decodeRecord, encodeRecord } from '../../packages/hardkey/src/providers/keyring/record.ts';
import { publishedKeys } from '../../packages/hardkey/src/testing/published.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';

const [ENTRY, RECORD] = [0, 1].map((kind) => Uint8Array.of(kind)) as [Uint8Array, Uint8Array];
const QUICK: readonly string[] = ['Ed25519', 'P-256', 'X25519'];
/** Short keys, so that most changes are of what stands around them, and quick ones. */
const JWKS = publishedKeys.map(({ jwk }) => jwk).filter(({ crv = '' }) => QUICK.includes(crv));
/** Of each private half what base64 of any alignment shows somewhere. */
const PIECES = JWKS.map(({ d = '' }) => d.slice(8, 24));
const ID = '0123456789abcdef';

async function keys(): Promise<readonly KeptKey[]> {
  const kept: KeptKey[] = [];
  for (const jwk of JWKS) {
    const pair = await importSoftwareKey({ material: new Secret(utf8(JSON.stringify(jwk))) });
    kept.push({ pair, algorithms: pair.algorithms, id: pair.publicKey?.id ?? ID, createdAt: 1_700_000_000 });
  }
  const material = new Secret(new Uint8Array(32).fill(7));
  const pair = await importSoftwareKey({ material, algorithm: 'A256GCM' });
  return [...kept, { pair, algorithms: pair.algorithms, id: ID, createdAt: 1_700_000_000 }];
}

/** See the module. */
export const keyring: Target = {
  name: 'keyring',
  allowed: ['MALFORMED', 'UNSUPPORTED'],
  async seeds() {
    const all = await keys();
    return [
      ...(await Promise.all(all.map(async (key) => concat(ENTRY, await encodeEntry(key))))),
      ...all.map((key) => concat(RECORD, encodeRecord(key))),
      ...JWKS.map((jwk) => concat(ENTRY, utf8(JSON.stringify(jwk)))),
    ];
  },
  async run(input) {
    const [kind] = input;
    const rest = input.slice(1);
    try {
      const { id, algorithms } = await (kind === 1 ? decodeRecord(textOf(rest)) : decodeEntry(rest));
      promised(/^[0-9a-f]{16}$/.test(id) && algorithms.length > 0, 'a key has an id and can do something');
      return input.length;
    } catch (error) {
      const shown = inspect(error, { depth: 8 });
      promised(!PIECES.some((piece) => shown.includes(piece)), 'no failure quotes a key');
      throw error;
    }
  },
  words: [
    '-----BEGIN PRIVATE KEY-----\n',
    '-----END PRIVATE KEY-----\n',
    'algorithms: ',
    '"kty":"oct"',
    '\n',
  ].map(utf8),
};
