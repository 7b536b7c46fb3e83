/**
 * COSE: structures, headers, COSE_Sign1 and COSE_Encrypt0. Nothing changed verifies or decrypts to
 * anything that was not signed or encrypted.
 *
 * @module
 */
import { equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { encryptEncrypt0, openEncrypt0 } from '../../packages/hardkey/src/formats/cose/encrypt0.ts';
import { signSign1 } from '../../packages/hardkey/src/formats/cose/sign1.ts';
import { decodeCose } from '../../packages/hardkey/src/formats/cose/structure.ts';
import { openSign1 } from '../../packages/hardkey/src/formats/cose/verify.ts';
import { promised, type Target } from '../target.ts';
import { aead, NOW, signer, trust } from './keys.ts';

const CONTENT = utf8('what was signed');

/** See the module. */
export const cose: Target = {
  name: 'cose',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED', 'DECRYPTION_FAILED'],
  async seeds() {
    return [
      await signSign1(CONTENT, { signer }),
      await signSign1(CONTENT, { signer, keyId: null, unprotectedHeaders: new Map([[3, 'text/plain']]) }),
      await encryptEncrypt0(CONTENT, aead),
    ];
  },
  async run(input) {
    const { kind } = decodeCose(input);
    const content = await (kind === 'encrypt0'
      ? openEncrypt0(input, aead)
      : openSign1(input, { trust, at: NOW }).then(({ payload }) => payload));
    promised(equalBytes(content, CONTENT), 'what comes out was put in');
    return content.length;
  },
};
