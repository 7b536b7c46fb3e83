/**
 * PEM: the blocks of a text are those of the text that is written of them, and none is lost.
 *
 * @module
 */
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodePem, encodePem } from '../../packages/hardkey/src/encoding/pem.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';

/** See the module. */
export const pem: Target = {
  name: 'pem',
  allowed: ['MALFORMED'],
  seeds: () => {
    const [key, certificate] = [
      encodePem('PUBLIC KEY', new Uint8Array(44).fill(7)),
      encodePem('CERTIFICATE', new Uint8Array(150)),
    ];
    const texts = [
      key,
      key + certificate,
      `about it\n${key.replaceAll('\n', '\r\n')}\nand after`,
      encodePem('A', new Uint8Array()),
    ];
    return texts.map(utf8);
  },
  run(input) {
    const text = textOf(input);
    const blocks = decodePem(text);
    promised(text.split('-----BEGIN ').length - 1 === blocks.length, 'every block that begins is there');
    const written = blocks.map(({ label, bytes }) => encodePem(label, bytes)).join('');
    const again = decodePem(written);
    promised(
      again.length === blocks.length && again.every(({ label }, index) => label === blocks[index]?.label),
      'what is written has the same blocks',
    );
    return written.length;
  },
  words: ['-----BEGIN ', '-----END ', '-----', 'PUBLIC KEY', 'CERTIFICATE', '\r\n', '\n', '=', '  '].map(
    utf8,
  ),
};
