/**
 * Our rows and their names in SSH.
 *
 * @module
 */
import type { SignatureAlgorithm } from '../algorithms.ts';

/** One signature algorithm of SSH. */
export interface SshAlgorithm {
  /** In signatures. */
  readonly name: string;
  /** In public keys. */
  readonly keyName: string;
  readonly algorithm: SignatureAlgorithm;
  /** In the key of an ECDSA algorithm once more (RFC 5656 §3.1). */
  readonly curveName?: string;
}

// RFC 8709 §6, RFC 5656 §3.1 and §6.2, RFC 8332 §3: `ssh-rsa` in a signature would be one with SHA-1.
const ROWS: readonly SshAlgorithm[] = [
  { name: 'ssh-ed25519', keyName: 'ssh-ed25519', algorithm: 'Ed25519' },
  ecdsa('nistp256', 'ES256'),
  ecdsa('nistp384', 'ES384'),
  ecdsa('nistp521', 'ES512'),
  { name: 'rsa-sha2-512', keyName: 'ssh-rsa', algorithm: 'RS512' },
  { name: 'rsa-sha2-256', keyName: 'ssh-rsa', algorithm: 'RS256' },
];

/** Every signature algorithm that SSH has a name for, most preferred first. */
export const sshAlgorithms: readonly SignatureAlgorithm[] = ROWS.map(({ algorithm }) => algorithm);

/** The row of one of our algorithms; undefined where SSH has none. */
export function sshRowOf(algorithm: string): SshAlgorithm | undefined {
  return ROWS.find((row) => row.algorithm === algorithm);
}

/** The row of a name in a signature. */
export function sshRowOfName(name: string): SshAlgorithm | undefined {
  return ROWS.find((row) => row.name === name);
}

/** The first row of a name in a public key. */
export function sshRowOfKeyName(keyName: string): SshAlgorithm | undefined {
  return ROWS.find((row) => row.keyName === keyName);
}

function ecdsa(curveName: string, algorithm: SignatureAlgorithm): SshAlgorithm {
  const name = `ecdsa-sha2-${curveName}`;
  return { name, keyName: name, algorithm, curveName };
}
