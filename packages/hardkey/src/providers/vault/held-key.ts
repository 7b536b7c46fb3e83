/**
 * One version of a key for those who use it: its paths, and what comes of asking them.
 *
 * @module
 */
import type { AlgorithmFacts } from '../../core/algorithms.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isText, type JsonObject } from '../../core/trust/strict-json.ts';
import { encodeBase64 } from '../../encoding/base64.ts';
import type { FailureDetails } from '../../errors.ts';
import type { Address } from './address.ts';
import type { TypeRow } from './algorithms.ts';
import type { Client } from './client.ts';
import { malformedAnswer } from './failures.ts';
import type { Asking } from './wire.ts';

/** What can be asked of a key. */
export type Use = 'datakey/plaintext' | 'decrypt' | 'encrypt' | 'hmac' | 'sign' | 'verify';

/** A version of a key. */
export interface HeldKey {
  readonly row: TypeRow;
  readonly version: number;
  readonly publicKey: PublicKey | undefined;
  readonly context: string | undefined;
  /** Asks for a use. The context goes along where the key has one. */
  ask(use: Use, body: JsonObject, options: CallOptions, asking: Asking): Promise<JsonObject>;
  /** For failures. */
  about(facts: AlgorithmFacts, operation: string): FailureDetails;
}

/** Holds a version. */
export function heldKey(
  client: Client,
  { at, key, context: bytes }: Address,
  { row, version, publicKey }: Pick<HeldKey, 'publicKey' | 'row' | 'version'>,
  details: FailureDetails,
): HeldKey {
  const context = bytes && encodeBase64(bytes);
  const own = context === undefined ? {} : { context };
  return {
    row,
    version,
    publicKey,
    context,
    ask: (use, body, options, asking) =>
      client.call(
        { method: 'POST', path: `${at}/${use}/${key}`, body: { ...own, ...body } },
        options,
        asking,
      ),
    about: ({ name }, operation) => ({ ...details, algorithm: name, operation }),
  };
}

/** `vault:vN:` and what follows, of the version that was asked for. Another one is `MALFORMED`. */
export function readVersioned(
  value: unknown,
  version: number,
  field: string,
  details: FailureDetails,
): string {
  const prefix = versionPrefix(version);
  if (isText(value) && value.startsWith(prefix)) return value.slice(prefix.length);
  throw malformedAnswer(field, details);
}

/** What stands before everything that a version of a key makes. */
export function versionPrefix(version: number): string {
  return `vault:v${version}:`;
}
