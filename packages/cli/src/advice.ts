/**
 * What to do about a backend that does not answer.
 *
 * @module
 */
import type { Failure, FailureCode } from 'hardkey';

type Advice = Readonly<Partial<Record<FailureCode, string>>>;

const ADVICE: Readonly<Record<string, Advice>> = {
  file: {
    DENIED: 'give its passphrase, and see that this user may read and write the folder',
    ARGUMENT_INVALID: 'say where its passphrase is: --passphrase-file',
  },
  exec: { UNAVAILABLE: 'run the program by hand and see what it says' },
  pkcs11: {
    UNAVAILABLE:
      "see that the token is plugged in and that the module is its maker's library: ?module-path=, or pkcs11.tokens in the settings",
    DENIED: 'see what the PIN is before it is tried again: ?pin-source=, or --pin-file',
    ARGUMENT_INVALID: 'see pkcs11 in the settings',
  },
  tpm: {
    UNAVAILABLE:
      'see that the TPM is switched on in the firmware, and which device it is: ?device=, or tpm.device in the settings',
  },
  keyring: {
    UNAVAILABLE:
      'start the keyring of the desktop (gnome-keyring-daemon, KWallet) in this session, and see that $DBUS_SESSION_BUS_ADDRESS leads there',
    DENIED: 'unlock the keyring',
    ARGUMENT_INVALID: 'see keyring in the settings',
  },
  'ssh-agent': {
    UNAVAILABLE:
      'start the agent, and see that $SSH_AUTH_SOCK or ssh-agent.socket in the settings is its socket',
    DENIED: 'let this user open the socket',
    ARGUMENT_INVALID: 'start an agent (ssh-agent), or name its socket as ssh-agent.socket in the settings',
  },
};

/** What to do; undefined where the failure says it, or nothing is known. */
export function adviceOn(backend: string, { code, message }: Failure): string | undefined {
  const advice = ADVICE[backend]?.[code];
  return advice === undefined || message.includes(advice) ? undefined : advice;
}
