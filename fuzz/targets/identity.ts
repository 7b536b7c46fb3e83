/**
 * Records of people: identities in JSON and in rows of a table. What is read can be written, or is
 * refused by name; what is written is read again as it was.
 *
 * @module
 */
import { deepStrictEqual } from 'node:assert/strict';
import { recordOf } from '../../packages/cli/src/commands/claim169/issue/parse.ts';
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { encodePayload } from '../../packages/hardkey/src/formats/claim169/claims.ts';
import { decodeClaims } from '../../packages/hardkey/src/formats/claim169/identity-claim.ts';
import { type Identity, identityToJson } from '../../packages/hardkey/src/formats/claim169/index.ts';
import { rulesOf } from '../../packages/hardkey/src/formats/claim169/profile.ts';
import type { Target } from '../target.ts';

const META = { issuer: 'https://id.example' };
const COLUMNS = ['id', 'fullName', 'dateOfBirth', 'gender', 'photo', 'bestQualityFingers', 'face', 'unknown'];
const PERSON: Identity = {
  id: '7',
  fullName: 'जनार्दन',
  dateOfBirth: '19840418',
  gender: 2,
  photo: Uint8Array.of(1, 2, 3),
  bestQualityFingers: [1, 6],
  face: [
    {
      data: Uint8Array.of(1),
      format: 0,
      subFormat: 1,
      issuer: 'a',
      unknown: new Map([[9, decodeHex('00')]]),
    },
  ],
  unknown: new Map([[77, decodeHex('820102')]]),
};
const ROW = '7,"Ada ""A"" Example",19840418,2,AQID,1 6,"[{""data"":""AQ==""}]","{""77"":""ggEC""}"';
const BRACE = 0x7b;

/** See the module. */
export const identity: Target = {
  name: 'identity',
  allowed: ['MALFORMED', 'ARGUMENT_INVALID'],
  seeds: () => [
    utf8(JSON.stringify(identityToJson(PERSON))),
    utf8('{"id":"7"}'),
    utf8(ROW),
    utf8('7,,,,,,,'),
  ],
  run(input) {
    const { identity: read } = recordOf(input, input[0] === BRACE ? undefined : COLUMNS);
    const { bytes } = encodePayload(read, META);
    const { found } = decodeClaims(bytes, { rules: rulesOf() });
    const again = encodePayload(found.identity, META);
    deepStrictEqual(again.bytes, bytes);
    return bytes.length;
  },
  words: ['"id":', '"face":[', '"data":"', '"unknown":{', '"77":', ',,', '""', '\r\n', '{}', '[]', '1 6'].map(
    utf8,
  ),
};
