/**
 * COSE: every structure and its headers. Nothing changed verifies or decrypts to anything that was not
 * signed, authenticated or encrypted, strictly read or not.
 *
 * @module
 */
import type { KeyAgreement, KeyWrapper } from '../../packages/hardkey/src/core/operations.ts';
import { equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import type { CborValue } from '../../packages/hardkey/src/encoding/cbor/index.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import { headerLabel } from '../../packages/hardkey/src/formats/cose/headers.ts';
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
import { directAlgorithm } from '../../packages/hardkey/src/formats/cose/recipients.ts';
import { promised, type Target } from '../target.ts';
import { aead, agreement, mac, NOW, signer, trust, wrapper } from './keys.ts';

const CONTENT = utf8('what was signed');

/** What is given with an input: the content, where the structure comes without, and how strictly it is read. */
interface Given {
  readonly payload?: Uint8Array;
  readonly deterministic?: boolean;
}

const payloadOf = ({ payload }: { readonly payload: Uint8Array }): Uint8Array => payload;
const encrypted = (input: Uint8Array, { deterministic = false }: Given): Promise<Uint8Array> =>
  openEncrypted(input, readerOf(input, 3) ?? aead, { deterministic, ...called(input, 3) });

/** Whose key opens: that of the first recipient, by the way it has to the content key; none where it has the key itself. */
function readerOf(input: Uint8Array, recipientsAt: number): KeyWrapper | KeyAgreement | undefined {
  const recipients = decodeCose(input).elements[recipientsAt];
  const [first] = Array.isArray(recipients) ? (recipients as readonly CborValue[]) : [];
  const [covered, open] = Array.isArray(first) ? (first as readonly CborValue[]) : [];
  if (!(covered instanceof Uint8Array) || !(open instanceof Map)) return undefined;
  if (covered.length > 0) return agreement;
  return open.get(headerLabel.algorithm) === directAlgorithm ? undefined : wrapper;
}

/** What the seeds call the wrapping key, which has another id in every run. */
function called(input: Uint8Array, recipientsAt: number): { readonly keyId?: string } {
  return readerOf(input, recipientsAt) === wrapper ? { keyId: 'a2194cd0eebc32e1' } : {};
}

const OPEN: Readonly<Record<CoseKind, (input: Uint8Array, given: Given) => Promise<Uint8Array>>> = {
  sign1: (input, given) => openSign1(input, { trust, at: NOW, ...given }).then(payloadOf),
  sign: (input, given) => openSign(input, { trust, at: NOW, ...given }).then(payloadOf),
  mac0: (input, given) => openMac0(input, mac, given).then(payloadOf),
  mac: (input, given) =>
    openMac(input, readerOf(input, 4) ?? mac, { ...given, ...called(input, 4) }).then(payloadOf),
  encrypt0: encrypted,
  encrypt: encrypted,
};

/** Under content keys and nonces that are another each time, so they were made once. */
const FOR_RECIPIENTS = [
  // AES-KW, ECDH-ES with AES-KW, and both.
  'd8608443a10103a1054c6f418eaac1591bbad6f6782b581f50179b1f65db6dbda180b08ac7ae93b77e51663fbcf2e0b1e37229ef2a' +
    '5c89818340a20122045061323139346364306565626333326531582873ed1c3cf5c2572d7016bb39d599c6c7fbdc80e9cf9d7a6332' +
    '91de63c6bfcf3b948f2f35786089bc',
  'd8608443a10103a1054cc83e3f9ee737adb7ee45a419581fd5bf011c02b32f081aaed77a545361fa5bf02ff91ea54bbb5d8974e6c4' +
    '077b818344a101381ca204506139323137343036316632383162663120a301012004215820a7002f5b9b669a66031e6a1b9286522a' +
    '71ad2b12ff039a91f4515cf3ba7e7a7c5828d022b9bc7572f9477bc4f828b12b43864515d162c5e075ea289751626154bc653cb1f8' +
    'd1435f5e1c',
  'd8608443a10101a1054c1446663f09ec8757dfe052bc581f447f5a40c8f3431f2d195c1ec00596136302e93c83685c65926db54c57' +
    'a232828344a101381ca204506139323137343036316632383162663120a301012004215820af87019e0a5e0cd4c0e6adb486023538' +
    'f4b7c86b362a2f5865812f2be8f7465458188c3a84060a3e33c53bb64b4d76e8e3e4b1d1d7b73076fdb88340a20122045061323139' +
    '346364306565626333326531581842d4a48f8690b4bdb0ee333d25cbaae1124469182b80a6a0',
  // A COSE_Mac for AES-KW.
  'd8618543a10105a04f7768617420776173207369676e65645820f9c34788e45e29526063b220e50122149c5baed62c79e0ee60650d' +
    '611d96f87b818340a201220450613231393463643065656263333265315828b3b3fa7c81028a01a18d32d286b167486c266391dfa2' +
    '3d2c4bda6788433b4711c74e9be0e1a79f45',
].map((hex) => decodeHex(hex));

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
      ...FOR_RECIPIENTS,
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
