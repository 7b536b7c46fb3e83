/**
 * Everything of a credential that is there before it is signed.
 *
 * @module
 */
import { algorithm, isAlgorithm } from '../../core/algorithms.ts';
import {
  anything,
  callTable,
  checkOptions,
  isBytes,
  isFunction,
  isKeyId,
  isPublicKey,
  type TableOf,
} from '../../core/option-table.ts';
import { isFlag, isJsonObject, isList, isText } from '../../core/trust/strict-json.ts';
import { Failure, invalid } from '../../errors.ts';
import { headerLabel } from '../cose/headers.ts';
import type { Sign1Options } from '../cose/sign1.ts';
import { keyIdBytes, type SigningKey } from '../cose/signer-headers.ts';
import { type SignerCertificates, signerCertificates } from '../cose/x509-write.ts';
import { encodePayload } from './claims.ts';
import type { EncodeOptions, FinishOptions } from './encode.ts';
import type { Identity } from './fields.ts';
import type { Meta } from './meta.ts';
import { isPrivateFields, type PrivateValues } from './private-fields.ts';
import { type ProfileRules, rulesOf } from './profile.ts';
import type { Warning } from './warnings.ts';

/** What is to be signed, with what beside it, and what is to be said of it. */
export interface UnsignedCredential {
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly sign1: Pick<Sign1Options, 'keyId' | 'certificates' | 'unprotectedHeaders'>;
  readonly warnings: readonly Warning[];
}

/** The options that the values of private fields have no part in. */
type Given = Omit<EncodeOptions<PrivateValues, SigningKey>, 'privateFields'>;

/** What is done with a COSE_Sign1, for callers that were not compiled. */
export const finishTable: TableOf<FinishOptions> = {
  ...callTable,
  encryptTo: isReaders,
  encryptionKeyId: isKeyId,
  contentAlgorithm: isAead,
  allowService: isFlag,
  compression: anything,
  errorLevel: anything,
};

/** The options of encoding, for callers that were not compiled. */
export const encodeTable: TableOf<EncodeOptions> = {
  ...finishTable,
  signer: isJsonObject,
  keyId: isKeyId,
  certificates: (value) => isJsonObject(value) || isText(value) || isBytes(value) || isList(value),
  profile: anything,
  privateFields: isPrivateFields,
};

function isReaders(value: unknown): boolean {
  return isList(value) ? value.length > 0 && value.every(isReader) : isReader(value);
}

function isReader(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { encrypt, wrap, publicKey } = value;
  return isFunction(encrypt) || isFunction(wrap) || isPublicKey(publicKey) || isPublicKey(value);
}

function isAead(value: unknown): boolean {
  return isText(value) && isAlgorithm(value) && algorithm(value).operation === 'aead';
}

/** Checks the options of encoding, and writes the payload. Failures are those of `encode`. */
export async function unsignedCredential<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  options: EncodeOptions<V, SigningKey>,
): Promise<UnsignedCredential> {
  checkOptions(options, encodeTable);
  // Callers without types forget it, and nothing is issued without a signature.
  if (typeof (options as Partial<Given>).signer?.algorithm !== 'string')
    throw invalid('a signer is needed', 'signer');
  const rules = rulesOf(options.profile);
  checkAlgorithms(options, rules);
  const { privateFields } = options;
  const { bytes, warnings } = encodePayload(identity, meta, { rules, privateFields });
  const certificates = await certificatesOf(options);
  return {
    payload: bytes,
    sign1: { ...keyIdHeaders(options, rules), ...(certificates && { certificates }) },
    warnings: certificates === undefined ? warnings : [...warnings, ...checkPeriod(certificates, meta)],
  };
}

function checkAlgorithms({ signer, encryptTo }: Given, rules: ProfileRules): void {
  if (rules.algorithms?.includes(signer.algorithm) === false) {
    const message = 'the profile does not have the algorithm';
    throw new Failure('UNSUPPORTED', message, { field: 'signer', algorithm: signer.algorithm });
  }
  const name = encryptTo !== undefined && 'encrypt' in encryptTo ? encryptTo.algorithm : undefined;
  if (!rules.plainEncryption || name === undefined || name === 'A128GCM' || name === 'A256GCM') return;
  const message = 'the profile does not have the algorithm';
  throw new Failure('UNSUPPORTED', message, { field: 'encryptTo', algorithm: name });
}

function keyIdHeaders(
  { signer, keyId }: Given,
  rules: ProfileRules,
): Pick<Sign1Options, 'keyId' | 'unprotectedHeaders'> {
  if (rules.keyId === 'protected') return keyId === undefined ? {} : { keyId };
  const bytes = keyIdBytes(keyId === undefined ? signer.publicKey.id : keyId);
  return bytes === undefined
    ? { keyId: null }
    : { keyId: null, unprotectedHeaders: new Map([[headerLabel.keyId, bytes]]) };
}

async function certificatesOf({ signer, certificates }: Given): Promise<SignerCertificates | undefined> {
  if (certificates === undefined) return undefined;
  if (typeof certificates === 'object' && 'parameters' in certificates) return certificates;
  return signerCertificates(signer, { x5chain: certificates });
}

/** A verifier refuses what was issued outside of the certificate's time, and everything after its end. */
function checkPeriod({ notBefore, notAfter }: SignerCertificates, meta: Meta): readonly Warning[] {
  const { issuedAt, expiresAt } = meta;
  const early = issuedAt !== undefined && notBefore !== undefined && issuedAt < notBefore;
  const late = issuedAt !== undefined && notAfter !== undefined && issuedAt > notAfter;
  if (early || late) {
    const message = 'the signer certificate is not valid when the credential is issued';
    throw new Failure('ARGUMENT_INVALID', message, { field: 'meta.issuedAt' });
  }
  if (notAfter === undefined || (expiresAt !== undefined && expiresAt <= notAfter + 1)) return [];
  return [
    {
      code: 'certificate-ends-first',
      path: 'meta.expiresAt',
      message: 'the signer certificate ends first, and verifiers then refuse the credential',
    },
  ];
}
