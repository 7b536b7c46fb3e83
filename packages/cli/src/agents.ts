/**
 * SSH agents as references, settings and the environment name them.
 *
 * @module
 */
import type { KeyProvider } from 'hardkey';
import type { Config } from './config.ts';
import type { Surroundings } from './context.ts';

/** The agents; `listOf`, a reference, in place of those of the settings, where its keys are wanted. */
export async function agentProvider(
  { environment: { agent } }: Surroundings,
  { 'ssh-agent': settings }: Config,
  listOf?: string,
): Promise<KeyProvider> {
  const { sshAgent } = await import('hardkey/providers/ssh-agent');
  return sshAgent({
    ...(agent === undefined ? {} : { socket: agent }),
    ...settings,
    ...(listOf === undefined ? {} : { agents: [listOf] }),
  });
}
