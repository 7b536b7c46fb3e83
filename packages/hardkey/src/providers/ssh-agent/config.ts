/**
 * Which agents there are; checked once, in the factory.
 *
 * @module
 */
import { parseKeyRef } from '../../core/key-ref.ts';
import { checkFields, invalid, wholeNumber } from '../../core/policy/fields.ts';
import { parseSshAgentRef } from '../../core/refs/ssh-agent.ts';

/** The agent of references that name none, those whose keys are listed, and how long they may take. */
export interface SshAgentConfig {
  /** Absolute path of the agent's socket, as `SSH_AUTH_SOCK` has it. */
  readonly socket?: string;
  /** Agents whose keys are listed, as references without a key: `ssh-agent:?socket=/path`. Default: the one above. */
  readonly agents?: readonly string[];
  /** The longest one reply may take, in milliseconds. 30,000 by default: somebody may have to confirm it. */
  readonly timeoutMs?: number;
}

/** What was checked. */
export interface Settings {
  readonly socket: string | undefined;
  /** Sockets; undefined stands for the one above. */
  readonly listed: readonly (string | undefined)[];
  readonly timeoutMs: number;
}

const TIMEOUT_MS = { usual: 30_000, most: 600_000 };

/** Checks the configuration. Throws `ARGUMENT_INVALID` with the field. */
export function readConfig(config: SshAgentConfig): Settings {
  checkFields(config, ['socket', 'agents', 'timeoutMs'], 'ssh-agent');
  const { socket, agents = ['ssh-agent:'], timeoutMs = TIMEOUT_MS.usual } = config;
  if (socket !== undefined && (typeof socket !== 'string' || !socket.startsWith('/'))) {
    throw invalid('ssh-agent.socket', 'the path of a socket is absolute');
  }
  if (!Array.isArray(agents)) throw invalid('ssh-agent.agents', 'a list of references is needed');
  return {
    socket,
    listed: (agents as readonly string[]).map(socketOf),
    timeoutMs: wholeNumber(timeoutMs, 1, TIMEOUT_MS.most, 'ssh-agent.timeoutMs'),
  };
}

function socketOf(text: string): string | undefined {
  const { scheme, body } = parseKeyRef(String(text));
  if (scheme !== 'ssh-agent') throw invalid('ssh-agent.agents', 'a reference to an agent is needed');
  const { socket, ...key } = parseSshAgentRef(body);
  if (Object.keys(key).length === 0) return socket;
  throw invalid('ssh-agent.agents', 'an agent is named without one of its keys');
}
