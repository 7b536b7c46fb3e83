/**
 * Signing in two steps, for a key that is kept offline: prepare, carry the bytes to the key, and
 * complete with the signature that comes back.
 *
 * @module
 */
import { digest } from '#crypto';
import { algorithm, type SignatureAlgorithm } from '../../../core/algorithms.ts';
import { importPublicKey } from '../../../core/import-public-key.ts';
import { checkOptions, isPublicKey } from '../../../core/option-table.ts';
import type { PublicKey } from '../../../core/public-key.ts';
import type { JsonObject } from '../../../core/trust/strict-json.ts';
import { keyFits } from '../../../core/verify.ts';
import { decodeHex, encodeHex } from '../../../encoding/hex.ts';
import { Failure, invalid } from '../../../errors.ts';
import { optionsGiven } from '../../cose/options.ts';
import { completeSign1, prepareSign1 } from '../../cose/prepare-sign1.ts';
import { signatureStructure } from '../../cose/signature-structure.ts';
import { decodeSign1 } from '../../cose/verify.ts';
import { signatureAlgorithm } from '../../cose/verify-signature.ts';
import type { SignatureName } from '../callbacks/contracts.ts';
import { signatureAlgorithmOf, signatureName } from '../callbacks/names.ts';
import { type Encoded, type EncodeOptions, type FinishOptions, finishCredential } from '../encode.ts';
import type { Identity } from '../fields.ts';
import { decodeClaims } from '../identity-claim.ts';
import type { Meta } from '../meta.ts';
import type { PrivateValues } from '../private-fields.ts';
import { type Profile, rulesOf } from '../profile.ts';
import { finishTable, unsignedCredential } from '../unsigned.ts';
import type { Warning } from '../warnings.ts';
import { checkDocument, documentOf, type PreparedDocument, readDocument } from './document.ts';
import { type Summary, summaryOf } from './summary.ts';

/** What is decided before the signature. */
export interface PrepareOptions<V extends PrivateValues = PrivateValues>
  extends Pick<EncodeOptions<V>, 'keyId' | 'certificates' | 'profile' | 'privateFields'> {
  readonly algorithm: SignatureName | SignatureAlgorithm;
  /** Of the key that will sign. No other signature completes. */
  readonly publicKey: PublicKey;
}

/** What is decided after it. */
export interface CompleteOptions extends FinishOptions {}

/** A credential that waits for its signature. */
export interface Prepared {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: PublicKey;
  /** What the key signs: the message, which the algorithm hashes, and not its digest. */
  readonly toBeSigned: Uint8Array<ArrayBuffer>;
  /**
   * The digest of {@link toBeSigned} by the hash of the algorithm, for devices that take no message;
   * where the algorithm has none of its own, SHA-256, to be compared and never signed.
   */
  readonly digest: Uint8Array;
  /** Everything that the signature will cover, in words. */
  readonly summary: Summary;
  readonly warnings: readonly Warning[];
  /** The file: {@link readPrepared} reads it. */
  toJSON(): PreparedDocument;
  /**
   * Finishes with the signature: r‖s for ECDSA. Throws `SIGNER_MISMATCH` for one that does not verify
   * under the public key, whatever is wrong with it.
   */
  complete(signature: Uint8Array, options?: CompleteOptions): Promise<Encoded>;
}

/** Everything but the signature. Failures are those of `encode`. */
export async function prepare<V extends PrivateValues>(
  identity: Identity<V>,
  meta: Meta,
  options: PrepareOptions<V>,
): Promise<Prepared> {
  const { algorithm: name, publicKey, ...rest } = optionsGiven(options);
  const signer = { algorithm: signatureAlgorithmOf(name), publicKey };
  if (!isPublicKey(publicKey)) throw invalid('a public key is needed', 'publicKey');
  checkKey(signer.algorithm, publicKey);
  const { payload, sign1, warnings } = await unsignedCredential(identity, meta, { ...rest, signer });
  const { unsigned } = prepareSign1(payload, { signer, ...sign1 });
  return preparedOf({ unsigned, publicKey, profile: rulesOf(options.profile).name, warnings });
}

/**
 * Reads the file of a credential that was prepared, text or parsed. All of it is made again from the
 * bytes that will be signed: a file that says anything else is `MALFORMED` and names the member.
 */
export async function readPrepared(file: string | JsonObject): Promise<Prepared> {
  const { given, source } = readDocument(file);
  const profile = rulesOf(source.profile as Profile).name;
  const unsigned = decodeHex(source.unsigned, 'prepared.unsigned');
  const publicKey = await importPublicKey(source.publicKey);
  const prepared = await preparedOf({ unsigned, publicKey, profile });
  checkDocument(given, prepared.toJSON());
  return prepared;
}

/** What everything else is made of. */
interface Source {
  /** The COSE_Sign1 with nothing in the place of the signature. */
  readonly unsigned: Uint8Array<ArrayBuffer>;
  readonly publicKey: PublicKey;
  readonly profile: Profile;
  readonly warnings?: readonly Warning[];
}

const NOTHING = new Uint8Array();

async function preparedOf({ unsigned, publicKey, profile, ...more }: Source): Promise<Prepared> {
  const { headers, payload = NOTHING, signature } = decodeSign1(unsigned);
  if (signature.length > 0)
    throw new Failure('MALFORMED', 'it is signed already', { field: 'prepared.unsigned' });
  const name = signatureAlgorithm(headers, signature);
  checkKey(name, publicKey);
  const { meta, found } = decodeClaims(payload, { rules: rulesOf(profile) });
  const { warnings = found.warnings } = more;
  const toBeSigned = signatureStructure(headers.protectedBytes, NOTHING, payload);
  const { hash = 'SHA-256' } = algorithm(name);
  const hashed = await digest(hash, toBeSigned);
  const summary = await summaryOf({ headers, meta, identity: found.identity });
  const document = documentOf({
    profile,
    algorithm: signatureName(name),
    key: publicKey.fingerprint,
    summary,
    digest: `${hash.toLowerCase().replace('-', '')}:${encodeHex(hashed)}`,
    toBeSigned: encodeHex(toBeSigned),
    unsigned: encodeHex(unsigned),
    publicKey: publicKey.toPem(),
  });
  return Object.freeze({
    algorithm: name,
    publicKey,
    toBeSigned,
    digest: hashed,
    summary,
    warnings,
    toJSON: () => document,
    async complete(signed, options = {}) {
      checkOptions(options, finishTable);
      const cose = await completeSign1(unsigned, signed, { publicKey });
      return finishCredential(cose, warnings, { ...options, profile });
    },
  } satisfies Prepared);
}

function checkKey(name: SignatureAlgorithm, publicKey: PublicKey): void {
  if (keyFits(publicKey, algorithm(name))) return;
  throw new Failure('ARGUMENT_INVALID', 'the key is not for this algorithm', {
    field: 'publicKey',
    algorithm: name,
  });
}
