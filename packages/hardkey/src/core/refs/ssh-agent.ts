/**
 * `ssh-agent:` references: a key that an agent holds.
 *
 * @module
 */
import { readAttributes, writeAttributes } from './attributes.ts';
import { isAbsolutePath } from './paths.ts';
import { percentEncode, UNRESERVED } from './percent.ts';
import { present } from './refuse.ts';

/** A key by fingerprint or comment; neither names the agent alone, as listing wants. */
export interface SshAgentRef {
  /** As OpenSSH prints it: `SHA256:` and 43 characters of base64. */
  readonly fingerprint?: string;
  readonly comment?: string;
  /** Absolute path of the agent's socket. Absent: the provider's own. */
  readonly socket?: string;
}

/** Parses `[fingerprint=SHA256:…][;comment=C][?socket=/path]`. Throws `ARGUMENT_INVALID`. */
export function parseSshAgentRef(body: string): SshAgentRef {
  const attributes = readAttributes('ssh-agent', body, {
    path: ['fingerprint', 'comment'],
    query: ['socket'],
  });
  return present<SshAgentRef>({
    fingerprint: attributes.text('fingerprint', isFingerprint, 'a fingerprint is SHA256: and 43 characters'),
    comment: attributes.text('comment', (text) => text !== '', 'the comment is empty'),
    socket: attributes.text('socket', isAbsolutePath, 'the path of a socket is absolute'),
  });
}

/** 256 bits are 42 characters and 4 bits, so the last has its two low bits clear. */
function isFingerprint(text: string): boolean {
  return /^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/.test(text);
}

const KEEP = `${UNRESERVED}:@+/`;

/** Writes what {@link parseSshAgentRef} reads. */
export function formatSshAgentRef({ fingerprint, comment, socket }: SshAgentRef): string {
  return writeAttributes(
    [
      ['fingerprint', fingerprint],
      ['comment', comment === undefined ? undefined : percentEncode(comment, KEEP)],
    ],
    [['socket', socket === undefined ? undefined : percentEncode(socket, KEEP)]],
  );
}
