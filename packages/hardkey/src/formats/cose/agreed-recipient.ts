/**
 * A recipient by key agreement (RFC 9053 §6.4): ECDH-ES with AES-KW.
 *
 * @module
 */
import { type AlgorithmFacts, algorithm } from '../../core/algorithms.ts';
import { agreeEphemeral, hkdfSha256, unwrapWithBytes, wrapWithBytes } from '../../core/content-keys.ts';
import { coseKeyOf } from '../../core/cose-key.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import type { CallOptions, KeyAgreement } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { CborEncoded, type CborValue, encodeCbor } from '../../encoding/cbor/index.ts';
import { isFailure } from '../../errors.ts';
import { coseIdentifier, encodeHeaders, type Headers, header, headerLabel, malformed } from './headers.ts';

/** Ephemeral key of an agreement (RFC 9053 table 20). */
const EPHEMERAL_KEY = -1;

/** Writes a COSE_recipient for the owner of a public key. */
export async function agreedRecipient(
  peer: PublicKey,
  contentKey: Uint8Array,
  facts: AlgorithmFacts,
): Promise<CborValue> {
  const { protectedBytes } = encodeHeaders(new Map([[headerLabel.algorithm, coseIdentifier(facts.name)]]));
  const { publicKey, secret } = await agreeEphemeral(peer);
  const wrappingKey = await wrappingKeyOf(secret, facts, protectedBytes);
  const unprotected = new Map<CborValue, CborValue>([
    [EPHEMERAL_KEY, new CborEncoded(publicKey.toCoseKey())],
    [headerLabel.keyId, utf8(peer.id)],
  ]);
  return [protectedBytes, unprotected, await wrapWithBytes(wrappingKey, contentKey)];
}

/** The content key. Throws `DECRYPTION_FAILED`, and `MALFORMED` for an ephemeral key that is none. */
export async function openAgreed(
  headers: Headers,
  ciphertext: Uint8Array,
  key: KeyAgreement,
  call: CallOptions,
): Promise<Uint8Array> {
  const secret = await agreedSecret(headers, key, call);
  const wrappingKey = await wrappingKeyOf(secret, algorithm(key.algorithm), headers.protectedBytes);
  return unwrapWithBytes(wrappingKey, ciphertext);
}

/** What the reader's key and the ephemeral one agree on. */
async function agreedSecret(headers: Headers, key: KeyAgreement, call: CallOptions): Promise<Uint8Array> {
  try {
    const ephemeral = await publicKeyOf(coseKeyOf(header(headers, EPHEMERAL_KEY)));
    return await key.agree(ephemeral, call);
  } catch (cause) {
    // It stands in the document, so what is wrong with it is no fault of the caller's arguments.
    const isPeer = isFailure(cause, 'ARGUMENT_INVALID') && cause.details.field === 'peer';
    if (isPeer || isFailure(cause, 'MALFORMED')) throw malformed('the ephemeral key is none of this curve');
    throw cause;
  }
}

/** The key-wrapping key of an agreement: HKDF over the COSE_KDF_Context of RFC 9053 §5.2. */
async function wrappingKeyOf(
  secret: Uint8Array,
  { name }: AlgorithmFacts,
  protectedBytes: Uint8Array,
): Promise<Uint8Array> {
  const { cose = 0, keyBits = 0 } = algorithm(name.slice('ECDH-ES+'.length));
  const nobody = [null, null, null];
  const context = encodeCbor([cose, nobody, nobody, [keyBits, protectedBytes]]);
  return hkdfSha256(secret, new Uint8Array(), context, keyBits / 8);
}
