/**
 * JWS in one line, and JWT: nothing changed verifies to anything that was not signed.
 *
 * @module
 */
import { deepStrictEqual } from 'node:assert/strict';
import { equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { openJwt } from '../../packages/hardkey/src/formats/jws/open-jwt.ts';
import { signJws } from '../../packages/hardkey/src/formats/jws/sign.ts';
import { signJwt } from '../../packages/hardkey/src/formats/jws/sign-jwt.ts';
import { openJws } from '../../packages/hardkey/src/formats/jws/verify.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { NOW, signer, trust } from './keys.ts';

const CONTENT = utf8('what was signed');
const CLAIMS = {
  iss: 'https://id.example',
  sub: '7',
  exp: 1_900_000_000,
  iat: 1_700_000_000,
  more: [1, { a: null }],
};
/** With its payload elsewhere, there is nothing between the two dots. */
const DETACHED = /^[^.]*\.\.[^.]*$/;

const WORDS = ['.', '..', 'eyJ', 'e30', 'eyJhbGciOiJub25lIn0', 'eyJhbGciOiJFZERTQSJ9', '=', '-', '_'].map(
  utf8,
);

/** JWS in its compact form. */
export const jws: Target = {
  name: 'jws',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'],
  async seeds() {
    return [
      utf8(await signJws(CONTENT, { signer })),
      utf8(await signJws(CONTENT, { signer, keyId: null, protectedHeaders: { more: [1, 'y'] } })),
      utf8(await signJws(CONTENT, { signer, detached: true })),
    ];
  },
  async run(input) {
    const text = textOf(input);
    const given = DETACHED.test(text) ? { payload: CONTENT } : {};
    const { payload, signatures } = await openJws(text, { trust, at: NOW, ...given });
    promised(equalBytes(payload, CONTENT), 'what comes out was put in');
    promised(signatures.length === 1, 'one signature was made');
    return payload.length;
  },
  words: WORDS,
};

/** JWT. */
export const jwt: Target = {
  name: 'jwt',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'],
  async seeds() {
    return [utf8(await signJwt(CLAIMS, { signer })), utf8(await signJwt(CLAIMS, { signer, keyId: null }))];
  },
  async run(input) {
    const { claims, isVerified } = await openJwt(textOf(input), { trust, at: NOW, time: 'report' });
    deepStrictEqual(claims, CLAIMS);
    promised(isVerified(), 'it holds at this time');
    return JSON.stringify(claims).length;
  },
  words: WORDS,
};
