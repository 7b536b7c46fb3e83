/**
 * Whether evidence proves that a key lives in a TPM.
 *
 * @module
 */
import { importPublicKey, type PublicKeySource } from '../../core/import-public-key.ts';
import { isPublicKey } from '../../core/option-table.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { isJsonObject } from '../../core/trust/strict-json.ts';
import type { Check } from '../../core/trust/verify-trusted.ts';
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure, invalid } from '../../errors.ts';
import type { Attest } from '../../protocols/tpm/attest.ts';
import { hasAttribute, type ObjectAttribute } from '../../protocols/tpm/attributes.ts';
import type { TpmEvidence } from '../../protocols/tpm/evidence.ts';
import type { PublicArea } from '../../protocols/tpm/public-area.ts';
import {
  hashOf,
  keyOf,
  objectOf,
  refuse,
  type StatedObject,
  type StatementOptions,
  verifyStatement,
} from './statement.ts';

/** What evidence is held to. */
export interface AttestationOptions extends StatementOptions {
  /** The key that the evidence must be about. */
  readonly key: PublicKey | PublicKeySource;
}

/** Where a key lives, as a device has proved it. */
export interface AttestedCustody {
  readonly place: 'tpm';
  readonly level: 'attested';
  /** What the TPM promises of the key, and of itself. */
  readonly facts: Readonly<Record<string, boolean | string>>;
}

/** What evidence proved. */
export interface Attested {
  readonly key: PublicKey;
  readonly custody: AttestedCustody;
  /** The key whose word it is. */
  readonly attestationKey: PublicKey;
  readonly checks: readonly Check[];
}

/**
 * Checks that a TPM which one of `roots` stands for holds `key`, made it, and never lets it go, and that
 * it said so for this nonce.
 *
 * Throws `VERIFICATION_FAILED` with `details.check`: `attestation.nonce`, `attestation.attestation-key`,
 * `attestation.root`, `attestation.kind`, `attestation.key`, `attestation.name`, `attestation.attributes`,
 * `attestation.creation`, or a check of `verifyTrusted` where the key that attests is not trusted.
 * `MALFORMED` and `UNSUPPORTED` for what is no evidence that is known here.
 */
export async function verifyAttestation(bytes: Uint8Array, options: AttestationOptions): Promise<Attested> {
  checkOptions(options);
  const expected = await publicKeyFrom(options.key);
  const { evidence, attest, attestationKey, checks } = await verifyStatement(bytes, options);
  if (evidence.publicArea === undefined) refuse('kind', 'the evidence is about no key');
  const object = await objectOf(evidence.publicArea, 'evidence.publicArea');
  const key = await keyOf(object.area);
  if (key.fingerprint !== expected.fingerprint) refuse('key', 'the evidence is about another key');
  if (!equalBytes(await statedName(attest, evidence, object), object.name)) {
    refuse('name', 'the statement is about another object than the one that it comes with');
  }
  checkAttributes(object.area);
  const passed = ['attestation.key', 'attestation.name', 'attestation.attributes'];
  const proved: Attested = {
    key,
    custody: { place: 'tpm', level: 'attested', facts: factsOf(object.area, attest) },
    attestationKey,
    checks: [...checks, ...passed.map((name) => ({ name, passed: true }))],
  };
  return Object.freeze(proved);
}

/** A key, or what one is read from. */
async function publicKeyFrom(source: PublicKey | PublicKeySource): Promise<PublicKey> {
  return isPublicKey(source) ? (source as PublicKey) : importPublicKey(source as PublicKeySource);
}

const FIELDS: readonly string[] = ['key', 'nonce', 'roots', 'now'];

function checkOptions(options: AttestationOptions): void {
  if (!isJsonObject(options)) throw invalid('options are an object', 'options');
  const wrong = Object.keys(options).find((name) => !FIELDS.includes(name));
  if (wrong !== undefined) throw new Failure('ARGUMENT_INVALID', 'unknown option', { field: wrong });
}

/** The object that a statement is about: one that is in the TPM, or one that the TPM made. */
async function statedName(
  attest: Attest,
  { creationData }: TpmEvidence,
  { area }: StatedObject,
): Promise<Uint8Array> {
  if (attest.type === 'certify') return attest.attested.name;
  if (attest.type !== 'creation') return refuse('kind', 'the statement is about no key');
  const { objectName, creationHash } = attest.attested;
  // Part 3 §24.1: the hash of the circumstances is by the hash of the name.
  const made = creationData && (await hashOf(area.nameAlg, creationData));
  if (made === undefined || !equalBytes(made, creationHash)) {
    refuse('creation', 'the circumstances are not those of the statement');
  }
  return objectName;
}

/** What makes a key one that is nowhere else. */
const PROMISES: readonly ObjectAttribute[] = ['fixedTPM', 'fixedParent', 'sensitiveDataOrigin'];

function checkAttributes({ objectAttributes: word }: PublicArea): void {
  if (PROMISES.every((name) => hasAttribute(word, name)) && !hasAttribute(word, 'encryptedDuplication'))
    return;
  refuse('attributes', 'the TPM does not promise that the key is nowhere else');
}

function factsOf(area: PublicArea, { type, firmwareVersion, clockInfo }: Attest): AttestedCustody['facts'] {
  const { objectAttributes: word } = area;
  return {
    ...Object.fromEntries(
      [...PROMISES, 'userWithAuth' as const, 'noDA' as const].map((name) => [name, hasAttribute(word, name)]),
    ),
    policy: area.authPolicy.length > 0,
    statement: type,
    firmware: firmwareVersion.toString(16).padStart(16, '0'),
    resetCount: String(clockInfo.resetCount),
  };
}
