/**
 * Files of allowed signers: whatever is read has a key on each line, and takes no longer for its patterns.
 *
 * @module
 */
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import {
  parseAllowedSigners,
  trustedSigners,
} from '../../packages/hardkey/src/formats/sshsig/allowed-signers.ts';
import { formatSshPublicKey } from '../../packages/hardkey/src/formats/sshsig/public-keys.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { signer } from './keys.ts';

const KEY = formatSshPublicKey(signer.publicKey);

/** See the module. */
export const allowedSigners: Target = {
  name: 'allowed-signers',
  allowed: ['MALFORMED'],
  seeds: () =>
    [
      `me@example.org ${KEY} comment`,
      `# who\n"a b",*@example.org,!you@* namespaces="git,f?le",valid-after="20200101Z",valid-before="203001011200" ${KEY}\n`,
      `* cert-authority ${KEY}\n\n* ${KEY}`,
    ].map((text) => utf8(text)),
  async run(input) {
    const text = textOf(input);
    const signers = await parseAllowedSigners(text);
    for (const { publicKey } of signers) {
      promised(
        text.includes(formatSshPublicKey(publicKey).split(' ')[1] ?? ' '),
        'the key stands in the file',
      );
    }
    const sources = trustedSigners(signers, { namespace: 'file', identity: 'me@example.org' });
    promised(sources.length <= signers.length, 'no more keys than lines');
    return signers.length;
  },
  words: [
    'namespaces="',
    'valid-after="',
    'valid-before="',
    'cert-authority',
    '*',
    '?',
    '!',
    ',',
    '\\"',
    '\n',
    KEY,
  ].map((word) => utf8(word)),
};
