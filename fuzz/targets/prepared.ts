/**
 * The file of a credential that waits for its signature: what is read says what would be signed, and is
 * the file that it was read from.
 *
 * @module
 */
import { deepStrictEqual } from 'node:assert/strict';
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { prepare, profiles, readPrepared } from '../../packages/hardkey/src/formats/claim169/index.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { signer } from './keys.ts';

const IDENTITY = { id: '7', fullName: 'Ada', gender: 2, unknown: new Map([[77, decodeHex('820102')]]) };
const META = { issuer: 'https://id.example', expiresAt: 1_900_000_000 };

/** See the module. */
export const prepared: Target = {
  name: 'prepared',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'ARGUMENT_INVALID'],
  async seeds() {
    const made = await Promise.all(
      profiles.map((profile) =>
        prepare(IDENTITY, META, { algorithm: 'Ed25519', publicKey: signer.publicKey, profile }),
      ),
    );
    return made.map((one) => utf8(JSON.stringify(one)));
  },
  async run(input) {
    const text = textOf(input);
    const read = await readPrepared(text);
    const document = JSON.parse(JSON.stringify(read)) as Readonly<Record<string, unknown>>;
    deepStrictEqual(JSON.parse(text), document);
    promised(document['toBeSigned'] === encodeHex(read.toBeSigned), 'the bytes to be signed are in the file');
    return undefined;
  },
  words: [
    '"kind":',
    '"version":1',
    '"profile":"mosip"',
    '"algorithm":"ES256"',
    '"unsigned":"',
    '"summary":{',
  ].map(utf8),
};
