/**
 * Base45: a text that is read is the only one for its bytes.
 *
 * @module
 */
import { decodeBase45, encodeBase45 } from '../../packages/hardkey/src/encoding/base45.ts';
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';

/** See the module. */
export const base45: Target = {
  name: 'base45',
  allowed: ['MALFORMED'],
  // RFC 9285 §4.3.
  seeds: () => ['BB8', '%69 VD92EX0', 'UJCLQE7W581', 'QED8WEX0', 'FGWU5', ''].map((text) => utf8(text)),
  words: ['FGW', 'GGW', ':::', 'U5', 'V5', ' ', '\n', 'é', 'a'].map((text) => utf8(text)),
  run(input) {
    const text = textOf(input);
    const bytes = decodeBase45(text);
    promised(encodeBase45(bytes) === text, 'one text for one byte string');
    return bytes.length;
  },
};
