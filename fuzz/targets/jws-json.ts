/**
 * JWS in JSON: nothing changed verifies to anything that was not signed, encoded or not.
 *
 * @module
 */
import { equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { signGeneralJws, signJws } from '../../packages/hardkey/src/formats/jws/sign.ts';
import { openJws } from '../../packages/hardkey/src/formats/jws/verify.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { NOW, signer, trust } from './keys.ts';

const CONTENT = utf8('what was signed');

/** See the module. */
export const jwsJson: Target = {
  name: 'jws-json',
  // A payload may go missing, and then it should have been given.
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED', 'ARGUMENT_INVALID'],
  async seeds() {
    const one = { signer, keyId: null } as const;
    return [
      utf8(await signJws(CONTENT, { ...one, form: 'flattened' })),
      utf8(await signJws(CONTENT, { ...one, form: 'flattened', unprotectedHeaders: { kid: 'a' } })),
      utf8(await signGeneralJws(CONTENT, [one, { ...one, keyId: 'b' }])),
      utf8(await signGeneralJws(CONTENT, [one], { unencoded: true })),
    ];
  },
  async run(input) {
    const { payload, signatures } = await openJws(textOf(input), { trust, at: NOW, minimumSigners: 1 });
    promised(equalBytes(payload, CONTENT), 'what comes out was put in');
    promised(signatures.length > 0, 'somebody signed it');
    return payload.length;
  },
  words: [
    '"payload"',
    '"signatures":[',
    '"protected"',
    '"header":{',
    '"signature"',
    '"kid"',
    '"\\u',
    ':',
    ',',
  ].map(utf8),
};
