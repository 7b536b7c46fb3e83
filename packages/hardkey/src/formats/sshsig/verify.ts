/**
 * Verifying what `ssh-keygen -Y sign`, git and {@link signSshsig} make. Needs public keys only.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../../core/algorithms.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import { isMoment } from '../../core/option-table.ts';
import { checkFields } from '../../core/policy/fields.ts';
import { decodeSshKey } from '../../core/ssh/public-key.ts';
import { decodeSshSignature } from '../../core/ssh/signature.ts';
import { type Trust, type Trusted, verifyTrusted } from '../../core/trust/trust.ts';
import { Failure, invalid } from '../../errors.ts';
import { checkContent, checkHash, checkNamespace, digestOf } from './options.ts';
import { parseSshsig, type SshsigHash, signedBytes, sshsigHashes } from './structure.ts';

/** What was signed, by whom it may be, and what for. */
export interface OpenSshsigOptions {
  readonly content: Uint8Array;
  readonly trust: Trust;
  /** The namespaces that are accepted: a signature for anything else is none here. */
  readonly namespaces: readonly string[];
  /** The hashes that are accepted. Default both. */
  readonly hashes?: readonly SshsigHash[];
  /** The verifier's time. Default now. */
  readonly at?: Date;
  /** When it was signed, if the caller can vouch for it: keys are then judged at that time. */
  readonly signedAt?: Date;
}

/** Content whose signature is genuine, by whom, what for, and every check that was made. */
export interface OpenedSshsig extends Trusted {
  readonly content: Uint8Array;
  readonly namespace: string;
  readonly hash: SshsigHash;
  readonly algorithm: SignatureAlgorithm;
}

const FIELDS: readonly string[] = ['content', 'trust', 'namespaces', 'hashes', 'at', 'signedAt'];

/**
 * Verifies a signature over content. The key that the signature brings counts where it is a key of the
 * trust, under the limits that the trust has for it.
 *
 * Throws `VERIFICATION_FAILED` with the check that failed, `namespace` and `hash` among them, and
 * `MALFORMED`, field `sshsig…`. Certificates, keys of security keys, DSA and SHA-1 are `UNSUPPORTED`.
 */
export async function openSshsig(text: string, options: OpenSshsigOptions): Promise<OpenedSshsig> {
  checkOptions(text, options);
  const { content, trust, namespaces, hashes = sshsigHashes, at = new Date(), signedAt } = options;
  const { keyBytes, namespace, hash, signature } = parseSshsig(text);
  const publicKey = await publicKeyOf(decodeSshKey(keyBytes, 'sshsig.publicKey'));
  const parts = decodeSshSignature(signature, 'sshsig.signature');
  if (!namespaces.includes(namespace)) throw refused('namespace', 'the signature is for another namespace');
  if (!hashes.includes(hash)) throw refused('hash', 'the signature has a hash that is not accepted');
  const trusted = await verifyTrusted(only(trust, publicKey.fingerprint), {
    ...parts,
    message: signedBytes({ namespace, hash }, await digestOf(hash, content)),
    at,
    ...(signedAt !== undefined && { signedAt }),
  });
  const checks = ['namespace', 'hash'].map((name) => ({ name, passed: true }));
  const { algorithm } = parts;
  return { ...trusted, checks: [...checks, ...trusted.checks], content, namespace, hash, algorithm };
}

/** The trust, of all its keys only the one that the signature names: no other could have made it. */
function only(trust: Trust, fingerprint: string): Trust {
  const keys = trust.keys.filter(({ publicKey }) => publicKey.fingerprint === fingerprint);
  return { ...trust, keys, roots: [], size: keys.length };
}

function checkOptions(text: string, options: OpenSshsigOptions): void {
  if (typeof text !== 'string') throw invalid('text is needed', 'sshsig');
  checkFields(options, FIELDS, 'options');
  const { content, trust, namespaces, hashes = sshsigHashes, at, signedAt } = options;
  if (at !== undefined && !isMoment(at)) throw invalid('not a time', 'options.at');
  if (signedAt !== undefined && !isMoment(signedAt)) throw invalid('not a time', 'options.signedAt');
  checkContent(content);
  if (!Array.isArray(trust?.keys)) throw invalid('nothing is trusted', 'options.trust');
  if (!Array.isArray(namespaces) || namespaces.length === 0) {
    throw invalid('a list of namespaces is needed', 'options.namespaces');
  }
  for (const namespace of namespaces) checkNamespace(namespace, 'options.namespaces');
  if (!Array.isArray(hashes) || hashes.length === 0)
    throw invalid('a list of hashes is needed', 'options.hashes');
  for (const hash of hashes) checkHash(hash, 'options.hashes');
}

function refused(check: string, message: string): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', message, { check, field: `sshsig.${check}` });
}
