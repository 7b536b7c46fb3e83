/**
 * Signing as `ssh-keygen -Y sign` does, with a key that may be anywhere.
 *
 * @module
 */
import { callOptions, callOptionsOf } from '../../core/call-options.ts';
import type { CallOptions, Signer } from '../../core/operations.ts';
import { isPublicKey } from '../../core/option-table.ts';
import { checkFields } from '../../core/policy/fields.ts';
import { encodeSshKey } from '../../core/ssh/public-key.ts';
import { encodeSshSignature } from '../../core/ssh/signature.ts';
import { invalid } from '../../errors.ts';
import { checkContent, checkHash, checkNamespace, digestOf } from './options.ts';
import { formatSshsig, type SshsigHash, signedBytes } from './structure.ts';

/** Who signs, and what for. */
export interface SignSshsigOptions extends CallOptions {
  /** Signs with Ed25519, ES256, ES384, ES512, RS256 or RS512. Others are `UNSUPPORTED`: SSH has no names for them. */
  readonly signer: Signer;
  /** What the signature is for: `file` and `git` are the ones of ssh-keygen and git. Never empty. */
  readonly namespace: string;
  /** Default `sha512`. */
  readonly hash?: SshsigHash;
}

const FIELDS: readonly string[] = ['signer', 'namespace', 'hash', ...callOptions];

/**
 * Signs content, and returns the signature in its armor. The content is not in it.
 *
 * Throws `ARGUMENT_INVALID`, `UNSUPPORTED` for a key that SSH has no name for, before anything is signed,
 * and passes on what the signer throws.
 */
export async function signSshsig(content: Uint8Array, options: SignSshsigOptions): Promise<string> {
  checkFields(options, FIELDS, 'options');
  const { signer, namespace, hash = 'sha512' } = options;
  checkContent(content);
  if (!isPublicKey((signer as Partial<Signer> | null | undefined)?.publicKey)) {
    throw invalid('a signer is needed', 'options.signer');
  }
  checkNamespace(namespace, 'options.namespace');
  checkHash(hash, 'options.hash');
  const keyBytes = encodeSshKey(signer.publicKey);
  checkAlgorithm(signer);
  const message = signedBytes({ namespace, hash }, await digestOf(hash, content));
  const signature = await signer.sign(message, callOptionsOf(options));
  const { algorithm } = signer;
  return formatSshsig({ keyBytes, namespace, hash, signature: encodeSshSignature({ algorithm, signature }) });
}

/** PS256 of an RSA key, for one, has no name in SSH. */
function checkAlgorithm({ algorithm }: Signer): void {
  encodeSshSignature({ algorithm, signature: new Uint8Array() });
}
