/**
 * The proofs that come with a command, and with its answer (Part 1 §19.6 and §21).
 *
 * @module
 */
import { erasable, join } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { encodeTpm, struct, u8, u32 } from './codec.ts';
import type { TpmCommand } from './command.ts';
import type { TpmCrypto } from './crypto.ts';
import { permanent } from './identifiers.ts';
import { kdfa } from './kdf.ts';
import { TpmReader } from './reader.ts';
import { newNonce, type TpmSession } from './session.ts';
import { digest } from './structures.ts';

/** How one handle of a command is authorized. */
export interface Authorization {
  /** Absent: the value itself is sent, in clear. Only ever done with an empty one. */
  readonly session?: TpmSession;
  /** The authorization value of the object behind the handle. */
  readonly value: Uint8Array;
  /** A policy session proves the value only where the policy says so (TPM2_PolicyAuthValue). */
  readonly provesValue?: boolean;
}

/** A command with its proofs. */
export interface Authorized {
  readonly area: Uint8Array;
  /** With the first parameter encrypted, where it is secret. */
  readonly parameters: Uint8Array;
  /** The parameters of the answer in clear, once its proofs hold. Throws `VERIFICATION_FAILED`. */
  readonly open: (parameters: Uint8Array, area: Uint8Array) => Uint8Array;
}

/** TPMA_SESSION (Part 2 §8.4). */
const CONTINUE = 0x01;
const DECRYPT = 0x20;
const ENCRYPT = 0x40;

interface Proof extends Authorization {
  readonly nonceCaller: Uint8Array;
  readonly attributes: number;
}

const NONE = new Uint8Array();

/** Proves a command. `names` are those of its handles, in order. */
export function authorize(
  crypto: TpmCrypto,
  { code, secret }: Pick<TpmCommand<object, object>, 'code' | 'secret'>,
  names: readonly Uint8Array[],
  parameters: Uint8Array,
  authorizations: readonly Authorization[],
): Authorized {
  const hiding = authorizations.findIndex(({ session }) => session !== undefined);
  if (hiding === -1) return inClear(authorizations, parameters);
  const proofs = authorizations.map((one, at): Proof => {
    if (one.session === undefined) return { ...one, nonceCaller: NONE, attributes: CONTINUE };
    const hides = at === hiding ? (secret.request ? DECRYPT : 0) | (secret.response ? ENCRYPT : 0) : 0;
    return { ...one, nonceCaller: newNonce(crypto), attributes: CONTINUE | hides };
  });
  const hider = proofs[hiding];
  const sent =
    secret.request && hider !== undefined ? hide(crypto, hider, parameters, 'encrypt') : parameters;
  const commandParts = [encodeTpm(u32, code), ...names, sent];
  return {
    area: join(proofs.map((proof) => proofBytes(crypto, proof, commandParts))),
    parameters: sent,
    open(answered, area) {
      const responseParts = [encodeTpm(u32, 0), encodeTpm(u32, code), answered];
      const input = new TpmReader(area, 'tpm.response.authorization');
      for (const proof of proofs) checkProof(crypto, proof, responseParts, input);
      input.end();
      return secret.response && hider !== undefined ? hide(crypto, hider, answered, 'decrypt') : answered;
    },
  };
}

/** Nothing to prove and nothing to hide: empty values are sent as they are. */
function inClear(authorizations: readonly Authorization[], parameters: Uint8Array): Authorized {
  const proofs = authorizations.map(({ value }) =>
    encodeTpm(authCommand, { handle: permanent.password, nonce: NONE, attributes: CONTINUE, hmac: value }),
  );
  const [first, ...more] = proofs;
  return {
    area: first !== undefined && more.length === 0 ? first : join(proofs),
    parameters,
    open: (answered) => answered,
  };
}

interface ProofBytes {
  readonly handle: number;
  readonly nonce: Uint8Array;
  readonly attributes: number;
  readonly hmac: Uint8Array;
}

/** TPMS_AUTH_COMMAND (Part 2 §10.13.2). */
const authCommand = struct<ProofBytes>({ handle: u32, nonce: digest, attributes: u8, hmac: digest });

function proofBytes(crypto: TpmCrypto, proof: Proof, parts: readonly Uint8Array[]): Uint8Array {
  const { session, nonceCaller: nonce, attributes, value } = proof;
  if (session === undefined) {
    return encodeTpm(authCommand, { handle: permanent.password, nonce, attributes, hmac: value });
  }
  const hmac = proofHmac(crypto, proof, session, parts, nonce, session.nonceTPM);
  return encodeTpm(authCommand, { handle: session.handle, nonce, attributes, hmac });
}

/** Reads a TPMS_AUTH_RESPONSE (Part 2 §10.13.3), and takes the TPM's next nonce from it. */
function checkProof(crypto: TpmCrypto, proof: Proof, parts: readonly Uint8Array[], input: TpmReader): void {
  const nonce = digest.read(input);
  const attributes = u8.read(input);
  const hmac = digest.read(input);
  const { session } = proof;
  if (session === undefined) return;
  const expected = proofHmac(crypto, { ...proof, attributes }, session, parts, nonce, proof.nonceCaller);
  if (!crypto.isEqual(hmac, expected)) {
    throw new Failure('VERIFICATION_FAILED', 'the answer is not from the TPM that the session is with', {
      check: 'tpm.response',
    });
  }
  session.nonceTPM = nonce.slice();
}

/** §19.6.5. */
function proofHmac(
  crypto: TpmCrypto,
  { value, attributes, provesValue }: Proof,
  session: TpmSession,
  parts: readonly Uint8Array[],
  nonceNewer: Uint8Array,
  nonceOlder: Uint8Array,
): Uint8Array {
  const proved = session.isPolicy && provesValue !== true ? NONE : trimmed(value);
  const key = proved.length === 0 ? session.key : erasable(session.key, proved);
  // §19.6.5: a policy session without a key and without a value to prove sends no HMAC.
  if (session.isPolicy && key.length === 0) return NONE;
  const hashed = crypto.hash(session.hash, ...parts);
  const hmac = crypto.hmac(session.hash, key, hashed, nonceNewer, nonceOlder, Uint8Array.of(attributes));
  if (key !== session.key) key.fill(0);
  return hmac;
}

/** The parameters with the first one encrypted or decrypted (§21.3): AES-128 in CFB mode. */
function hide(
  crypto: TpmCrypto,
  { session, value, nonceCaller }: Proof,
  parameters: Uint8Array,
  direction: 'encrypt' | 'decrypt',
): Uint8Array {
  if (session === undefined) return parameters;
  const [newer, older] =
    direction === 'encrypt' ? [nonceCaller, session.nonceTPM] : [session.nonceTPM, nonceCaller];
  const input = { hash: session.hash, label: 'CFB', contextU: newer, contextV: older, bits: 256 };
  const secret = erasable(session.key, trimmed(value));
  const key = kdfa(crypto, secret, input);
  secret.fill(0);
  const reader = new TpmReader(parameters, 'tpm.parameters');
  const content = reader.bytes(reader.length(2, 0xffff));
  const out = erasable(parameters);
  out.set(crypto.aesCfb(direction, key.subarray(0, 16), key.subarray(16), content), 2);
  return out;
}

/** §19.6.4.2: zeros at the end of a value are not part of it. */
function trimmed(value: Uint8Array): Uint8Array {
  let end = value.length;
  while (end > 0 && value[end - 1] === 0) end -= 1;
  return value.subarray(0, end);
}
