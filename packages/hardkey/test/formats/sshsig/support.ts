// Fresh keys, and ssh-keygen as a second opinion.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeys, type Key, type SignatureAlgorithm, type Signer } from 'hardkey';
import { formatSshPublicKey } from 'hardkey/formats/sshsig';
import { memory } from 'hardkey/providers/memory';
import { sshProgram } from '../../support/ssh.ts';

const keys = createKeys([memory()]);
const made = new Map<SignatureAlgorithm, Promise<Key>>();

/** Every algorithm that SSH has a name for. */
export const ALGORITHMS = ['Ed25519', 'ES256', 'ES384', 'ES512', 'RS256', 'RS512'] as const;

/** The signer of a key of this run, the same each time. */
export async function signerOf(algorithm: SignatureAlgorithm): Promise<Signer> {
  const key = made.get(algorithm) ?? keys.create(`memory:${algorithm}`, { algorithm });
  made.set(algorithm, key);
  return (await key).use(algorithm);
}

/** UTF-8 of a text. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A line of a file of allowed signers for a key. */
export function allowedLine({ publicKey }: Pick<Signer, 'publicKey'>, options = ''): string {
  return ['me@example.org', options, formatSshPublicKey(publicKey)].filter((part) => part !== '').join(' ');
}

/** What ssh-keygen asks of a signature. */
export interface Question {
  readonly content: Uint8Array;
  readonly signature: string;
  readonly allowed: string;
  readonly identity?: string;
  readonly namespace: string;
  /** `YYYYMMDDHHMMSSZ`. */
  readonly time?: string;
}

let files = 0;

/** Whether `ssh-keygen -Y verify` accepts a signature. */
export function keygenAccepts(folder: string, question: Question): boolean {
  const { content, signature, allowed, identity = 'me@example.org', namespace, time } = question;
  const path = join(folder, `q${++files}`);
  writeFileSync(`${path}.allowed`, allowed);
  writeFileSync(`${path}.sig`, signature);
  const at = time === undefined ? [] : ['-O', `verify-time=${time}`];
  const args = [
    '-Y',
    'verify',
    '-f',
    `${path}.allowed`,
    '-I',
    identity,
    '-n',
    namespace,
    '-s',
    `${path}.sig`,
    ...at,
  ];
  const { status, error } = spawnSync(sshProgram('ssh-keygen'), args, { input: content });
  if (error !== undefined) throw error;
  return status === 0;
}

/** What `ssh-keygen -Y sign` makes of content with a key of its own. */
export function keygenSign(
  folder: string,
  key: string,
  content: Uint8Array,
  namespace: string,
  hash: 'sha256' | 'sha512' = 'sha512',
): string {
  const path = join(folder, `s${++files}`);
  writeFileSync(path, content);
  execFileSync(
    sshProgram('ssh-keygen'),
    ['-q', '-Y', 'sign', '-f', key, '-n', namespace, '-O', `hashalg=${hash}`, path],
    { stdio: 'pipe' },
  );
  return readFileSync(`${path}.sig`, 'utf8');
}
