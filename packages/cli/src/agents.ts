/**
 * SSH agents as references, settings and the environment name them.
 *
 * @module
 */
import type { KeyProvider } from 'hardkey';
import type { SshAgentConfig } from 'hardkey/providers/ssh-agent';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';
import { onUse } from './on-use.ts';

/** The agents; their keys are listed where the settings name them, or `listOf` does in place of the settings. */
export function agentProvider(
  { environment: { agent } }: Surroundings,
  { 'ssh-agent': settings }: Config,
  listOf?: string,
): KeyProvider {
  const listed: Pick<SshAgentConfig, 'agents'> = listOf?.startsWith('ssh-agent:') ? { agents: [listOf] } : {};
  const lists = settings !== undefined || listed.agents !== undefined;
  return onUse('ssh-agent', lists ? ['list'] : [], async () => {
    const { sshAgent } = await import('hardkey/providers/ssh-agent');
    return sshAgent({ ...(agent === undefined ? {} : { socket: agent }), ...settings, ...listed });
  });
}
