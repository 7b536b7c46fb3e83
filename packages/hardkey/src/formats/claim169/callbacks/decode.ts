/**
 * Decoding with a caller's own cryptography.
 *
 * @module
 */
import type { AeadAlgorithm } from '../../../core/algorithms.ts';
import { callOptionsOf } from '../../../core/call-options.ts';
import type { CallOptions } from '../../../core/operations.ts';
import { anything, callTable, checkOptions, type TableOf } from '../../../core/option-table.ts';
import { isFlag } from '../../../core/trust/strict-json.ts';
import { Failure } from '../../../errors.ts';
import { contentAlgorithm, openEncrypt0 } from '../../cose/encrypt0.ts';
import { decodeHeaders, keyIdOf } from '../../cose/headers.ts';
import { decodeCose } from '../../cose/structure.ts';
import { type Decoded, type DecodeOptions, decodeTable, decodeText } from '../decode.ts';
import { isOpeningKeys, type OpeningKeys, openerOf } from '../open-with.ts';
import type { PrivateValues } from '../private-fields.ts';
import { openSeveral } from '../several.ts';
import type { OpenEncrypted } from '../signed.ts';
import { openedContent } from '../uncovered.ts';
import { decryptorFrom } from './aead.ts';
import { checkCallback } from './ask.ts';
import type { DecryptorCallback, VerifierCallback } from './contracts.ts';
import { verifiedBy } from './verifier.ts';

/** Options of decoding with a verifier callback. */
export interface DecodeWithVerifierOptions<V extends PrivateValues = PrivateValues>
  extends Omit<DecodeOptions<V>, 'trust' | 'issuers' | 'resolveX5u'>,
    CallOptions {
  /** Opens what is encrypted: keys of this library. */
  readonly decryptWith?: OpeningKeys;
  /** Also open what a service wrapped in a way that has no registered algorithm. Default false. */
  readonly allowService?: boolean;
}

/** Options of decoding with a decryptor callback. One of `verifier`, `trust` and `allowUnsigned` is needed. */
export interface DecodeWithDecryptorOptions<V extends PrivateValues = PrivateValues>
  extends DecodeOptions<V>,
    CallOptions {
  /** Verifies the signature inside. Without it, `trust` does. */
  readonly verifier?: VerifierCallback;
}

/**
 * Decodes a QR text, and has a callback verify it. Who may issue is for the callback to judge: it gets
 * the `kid` as the token gives it. Failures are those of `decode`; an answer that is none is
 * `ARGUMENT_INVALID`, field `verifier`, and an error of the callback is the `cause` of a failure that
 * says whether it is an outage, a refusal, a missing key or a bad signature.
 */
export async function decodeWithVerifier<V extends PrivateValues>(
  text: string,
  verifier: VerifierCallback,
  options: DecodeWithVerifierOptions<V> = {},
): Promise<Decoded<V>> {
  checkOptions(options, WITH_VERIFIER);
  checkOneJudge(options);
  const { decryptWith: keys, allowService } = options;
  const call = callOptionsOf(options);
  const open = keys && openerOf(keys, { ...call, ...(allowService && { allowService }) });
  return decodeText(text, options, { open, verify: verifiedBy(verifier, call), table: WITH_VERIFIER });
}

/**
 * Decodes a QR text that a callback decrypts. Decryption comes first and proves nothing: the signature
 * inside is verified by `verifier` or `trust` all the same.
 */
export async function decodeWithDecryptor<V extends PrivateValues>(
  text: string,
  decryptor: DecryptorCallback,
  options: DecodeWithDecryptorOptions<V>,
): Promise<Decoded<V>> {
  checkCallback(decryptor, 'decryptor');
  checkOptions(options, WITH_DECRYPTOR);
  const { verifier } = options;
  const call = callOptionsOf(options);
  const means = { open: openedBy(decryptor, call), table: WITH_DECRYPTOR };
  if (verifier === undefined) return decodeText(text, options, { ...means, several: openSeveral });
  checkOneJudge(options);
  return decodeText(text, options, { ...means, verify: verifiedBy(verifier, call) });
}

/** Those who name a trust beside their verifier are told that it would not be asked. */
const WITH_VERIFIER: TableOf<DecodeWithVerifierOptions & DecodeOptions> = {
  ...decodeTable,
  ...callTable,
  decryptWith: isOpeningKeys,
  allowService: isFlag,
};
/** A verifier is looked at where it is taken. */
const WITH_DECRYPTOR: TableOf<DecodeWithDecryptorOptions> = {
  ...decodeTable,
  ...callTable,
  verifier: anything,
};

/** Decryption by a callback: of a COSE_Encrypt0, whose key the reader shares. */
function openedBy(decryptor: DecryptorCallback, call: CallOptions): OpenEncrypted {
  return async (cose) => {
    const { kind, elements } = decodeCose(cose);
    if (kind !== 'encrypt0') {
      throw new Failure('UNSUPPORTED', 'encrypted for recipients: their key opens it, not a decryptor', {
        field: 'decryptor',
      });
    }
    const headers = decodeHeaders(elements[0], elements[1]);
    const name = contentAlgorithm(headers) as AeadAlgorithm;
    const key = decryptorFrom(decryptor, name, { keyId: keyIdOf(headers) ?? null });
    return openedContent(cose, await openEncrypt0(cose, key, call));
  };
}

/** A trust beside a verifier would not be asked. */
function checkOneJudge(options: DecodeOptions): void {
  const field = (['trust', 'issuers', 'resolveX5u'] as const).find((name) => options[name] !== undefined);
  if (field === undefined) return;
  throw new Failure('ARGUMENT_INVALID', 'a verifier decides, or a trust, and not both', { field });
}
