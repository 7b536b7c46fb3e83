/**
 * SSH signatures in their armor: nothing changed verifies to anything that was not signed.
 *
 * @module
 */
import { concat, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { signSshsig } from '../../packages/hardkey/src/formats/sshsig/sign.ts';
import { openSshsig } from '../../packages/hardkey/src/formats/sshsig/verify.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { NOW, signer, trust } from './keys.ts';

const CONTENT = utf8('what was signed');
const NAMESPACES = ['file', 'git'] as const;

/** See the module. */
export const sshsig: Target = {
  name: 'sshsig',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'],
  seeds: async () => [
    utf8(await signSshsig(CONTENT, { signer, namespace: 'file' })),
    utf8(await signSshsig(CONTENT, { signer, namespace: 'git', hash: 'sha256' })),
  ],
  async run(input) {
    const { namespace, key } = await openSshsig(textOf(input), {
      content: CONTENT,
      trust,
      namespaces: NAMESPACES,
      at: NOW,
    });
    promised(
      NAMESPACES.some((one) => one === namespace),
      'what it is for is what was asked for',
    );
    promised(key.publicKey.fingerprint === signer.publicKey.fingerprint, 'the trusted key signed it');
    return concat(utf8(namespace), CONTENT).length;
  },
  words: ['-----BEGIN SSH SIGNATURE-----\n', '-----END SSH SIGNATURE-----\n', '=', '\r\n', 'U1NIU0lH'].map(
    utf8,
  ),
};
