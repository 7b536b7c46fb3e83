/**
 * Hosts in references.
 *
 * @module
 */
import { refuse } from './refuse.ts';

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** `host` or `host:port` in lower case. Throws `ARGUMENT_INVALID`, also for user information before it. */
export function parseHost(text: string, field: string, offset?: number): string {
  const [, host = '', port] = /^(.*?)(?::([0-9]{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  if (text.includes('@')) throw refuse(field, 'a reference carries no credentials', offset);
  const named = host.length <= 253 && (NAME.test(host) || IPV6.test(host));
  if (named && (port === undefined || isPort(port))) return text.toLowerCase();
  throw refuse(field, 'not a host, or host:port', offset);
}

function isPort(text: string): boolean {
  return /^[1-9]/.test(text) && Number(text) <= 65_535;
}
