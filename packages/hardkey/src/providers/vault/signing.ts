/**
 * Signatures: of messages or of their hashes, alone or several in one request.
 *
 * @module
 */
import type { AlgorithmFacts } from '../../core/algorithms.ts';
import type { CallOptions } from '../../core/operations.ts';
import { isJsonObject, isList, isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { decodeBase64, decodeBase64url, encodeBase64 } from '../../encoding/base64.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { hashName } from './algorithms.ts';
import { itemFailure, malformedAnswer } from './failures.ts';
import { type HeldKey, readVersioned } from './held-key.ts';
import { lanes, type SendAll } from './lanes.ts';

/**
 * Requests for one key and algorithm that are under way. More would not be faster, but each alone: the
 * server's processors are busy with these, and the others go together.
 */
const LANES = 4;
const MOST_TOGETHER = 256;
const MOST_CHARACTERS = 1024 * 1024;

/** The server takes 32 MiB, of which some are for what goes with it. */
const BODY_LIMIT = 32 * 1024 * 1024 - 4096;
/** Bytes: base64 has four characters for three. */
const LONGEST = Math.floor(BODY_LIMIT / 4) * 3;

type Signing = (input: string, options: CallOptions) => Promise<string>;

const SIGNING = new WeakMap<HeldKey, Map<string, Signing>>();

/** Signs what the algorithm takes: a hash where it has one, and the message where not. */
export async function signed(
  key: HeldKey,
  facts: AlgorithmFacts,
  input: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  const details = key.about(facts, 'sign');
  checkLength(input.length, details);
  const text = await signingFor(key, facts, details)(encodeBase64(input), options);
  const encoded = readVersioned(text, key.version, 'signature', details);
  const signature =
    facts.keyType === 'EC'
      ? decodeBase64url(encoded, 'vault.signature')
      : decodeBase64(encoded, 'vault.signature');
  const length = facts.signatureLength ?? Math.ceil((key.publicKey?.bits ?? 0) / 8);
  if (signature.length === length) return signature;
  throw malformedAnswer('signature', details);
}

/** Refuses what the server would, before it is sent. Throws `ARGUMENT_INVALID`. */
export function checkLength(length: number, details: FailureDetails): void {
  if (length <= LONGEST) return;
  throw new Failure('ARGUMENT_INVALID', `at most ${LONGEST} bytes can be sent to the server`, {
    ...details,
    field: 'message',
  });
}

function signingFor(key: HeldKey, facts: AlgorithmFacts, details: FailureDetails): Signing {
  const known = SIGNING.get(key) ?? new Map<string, Signing>();
  SIGNING.set(key, known);
  const found = known.get(facts.name);
  if (found !== undefined) return found;
  const limits = { lanes: LANES, most: MOST_TOGETHER, mostCharacters: MOST_CHARACTERS };
  const made = lanes(
    sender(key, { ...parametersOf(facts), key_version: key.version }, details),
    details,
    limits,
  );
  known.set(facts.name, made);
  return made;
}

/** What is said of every signature, so that nothing is left to the server's habits. */
export function parametersOf({ hash, keyType, pss }: AlgorithmFacts): JsonObject {
  if (hash === undefined) return {};
  const hashed = { prehashed: true, hash_algorithm: hashName(hash) };
  if (keyType === 'EC') return { ...hashed, marshaling_algorithm: 'jws' };
  // RFC 7518 §3.5: the salt is as long as the hash. The server's own is as long as it can be.
  return pss === true
    ? { ...hashed, signature_algorithm: 'pss', salt_length: 'hash' }
    : { ...hashed, signature_algorithm: 'pkcs1v15' };
}

function sender(key: HeldKey, parameters: JsonObject, details: FailureDetails): SendAll {
  return async (inputs, options) => {
    const [input = '', ...others] = inputs;
    if (others.length === 0) {
      const { signature } = await key.ask('sign', { ...parameters, input }, options, { details });
      if (isText(signature)) return [signature];
      throw malformedAnswer('signature', details);
    }
    // A batch takes the place of the context beside it.
    const own = key.context === undefined ? {} : { context: key.context };
    const batch = inputs.map((one) => ({ input: one, ...own }));
    const body = { ...parameters, batch_input: batch };
    const { batch_results: results } = await key.ask('sign', body, options, { details, batch: true });
    if (!isList(results) || results.length !== inputs.length) throw malformedAnswer('batch_results', details);
    return results.map((result) => itemOf(result, details));
  };
}

/** One of them may fail while the others are signed. */
function itemOf(result: unknown, details: FailureDetails): string | Failure {
  const { signature, error } = isJsonObject(result) ? result : {};
  if (isText(error) && error !== '') return itemFailure(error, { details });
  return isText(signature) ? signature : malformedAnswer('signature', details);
}
