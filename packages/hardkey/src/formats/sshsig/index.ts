/**
 * SSH signatures: what `ssh-keygen -Y` and git make and verify, with the keys of any provider.
 *
 * @module
 */
export { sshAlgorithms as sshsigAlgorithms } from '../../core/ssh/algorithms.ts';
export {
  type AllowedSigner,
  parseAllowedSigners,
  type SignerExpectations,
  trustedSigners,
} from './allowed-signers.ts';
export { formatSshPublicKey, importSshPublicKey, isSshPublicKey } from './public-keys.ts';
export { type SignSshsigOptions, signSshsig } from './sign.ts';
export type { SshsigHash } from './structure.ts';
export { type OpenedSshsig, type OpenSshsigOptions, openSshsig } from './verify.ts';
