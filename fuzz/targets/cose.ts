/**
 * COSE: every structure and its headers. Nothing changed verifies or decrypts to anything that was not
 * signed, authenticated or encrypted, strictly read or not.
 *
 * @module
 */
import { equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import {
  type CoseKind,
  decodeCose,
  encryptEncrypt0,
  encryptTo,
  macMac0,
  macTo,
  openEncrypted,
  openMac,
  openMac0,
  openSign,
  openSign1,
  signSign,
  signSign1,
} from '../../packages/hardkey/src/formats/cose/index.ts';
import { promised, type Target } from '../target.ts';
import { aead, mac, NOW, signer, trust } from './keys.ts';

const CONTENT = utf8('what was signed');

/** What is given with an input: the content, where the structure comes without, and how strictly it is read. */
interface Given {
  readonly payload?: Uint8Array;
  readonly deterministic?: boolean;
}

const payloadOf = ({ payload }: { readonly payload: Uint8Array }): Uint8Array => payload;
const encrypted = (input: Uint8Array, { deterministic = false }: Given): Promise<Uint8Array> =>
  openEncrypted(input, aead, { deterministic });

const OPEN: Readonly<Record<CoseKind, (input: Uint8Array, given: Given) => Promise<Uint8Array>>> = {
  sign1: (input, given) => openSign1(input, { trust, at: NOW, ...given }).then(payloadOf),
  sign: (input, given) => openSign(input, { trust, at: NOW, ...given }).then(payloadOf),
  mac0: (input, given) => openMac0(input, mac, given).then(payloadOf),
  mac: (input, given) => openMac(input, mac, given).then(payloadOf),
  encrypt0: encrypted,
  encrypt: encrypted,
};

/** See the module. */
export const cose: Target = {
  name: 'cose',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED', 'DECRYPTION_FAILED'],
  async seeds() {
    const typed = { protectedHeaders: new Map([[3, 'text/plain']]) };
    return [
      await signSign1(CONTENT, { signer }),
      await signSign1(CONTENT, { signer, keyId: null, unprotectedHeaders: new Map([[3, 'text/plain']]) }),
      await signSign1(CONTENT, { signer, detached: true, tagged: false }),
      await signSign(CONTENT, [{ signer }, { signer, keyId: null }], typed),
      await macMac0(CONTENT, mac, { keyId: 'shared', ...typed }),
      await macTo(CONTENT, [mac]),
      await encryptEncrypt0(CONTENT, aead),
      await encryptTo(CONTENT, [aead], typed),
    ];
  },
  async run(input) {
    const { kind, elements } = decodeCose(input);
    const given = elements[2] === null ? { payload: CONTENT } : {};
    const content = await OPEN[kind](input, given);
    promised(equalBytes(content, CONTENT), 'what comes out was put in');
    const strict = await OPEN[kind](input, { ...given, deterministic: true }).catch((failure: unknown) => {
      promised(isFailure(failure, 'MALFORMED'), 'the strict mode refuses encodings and nothing else');
    });
    promised(strict === undefined || equalBytes(strict, CONTENT), 'the strict mode gives the same content');
    return content.length;
  },
};
