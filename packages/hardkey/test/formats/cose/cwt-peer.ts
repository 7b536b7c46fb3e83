// The Python package cwt, asked to open or to make one structure.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { component } from '../../../../../scripts/components/index.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';

const python = component('python-peers');

/** Why the peer cannot be asked, where it cannot. */
export const skip: string | false = python.missing ?? false;

/** A job as the script reads it. */
export type Job = Readonly<Record<string, unknown>>;

/** What the peer answers: a payload or a structure. */
export function ask(job: Job): Uint8Array {
  const script = join(import.meta.dirname, 'cwt-peer.py');
  const { status, stdout, stderr } = spawnSync(python.path, [script], {
    input: JSON.stringify(job),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return decodeHex(JSON.parse(stdout) as string);
}

/** Whether the peer refuses a structure. */
export function refuses(job: Job): boolean {
  const script = join(import.meta.dirname, 'cwt-peer.py');
  return spawnSync(python.path, [script], { input: JSON.stringify(job) }).status !== 0;
}

/** A fresh private key as JWK, and its public half. */
export function freshJwk(kind: string): readonly [Jwk, Jwk] {
  const { privateKey } = pairOf(kind);
  const jwk = privateKey.export({ format: 'jwk' }) as Jwk;
  const { d: _, p: __, q: ___, dp: ____, dq: _____, qi: ______, ...open } = jwk;
  return [jwk, open];
}

/** The members of a JWK. */
export type Jwk = Readonly<Record<string, string>>;

function pairOf(kind: string) {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519');
  if (kind === 'X25519') return generateKeyPairSync('x25519');
  return generateKeyPairSync('ec', { namedCurve: kind });
}

/** The bytes of a fresh symmetric key, and the key as the script reads it. */
export function freshSecret(alg: string, length: number): readonly [Uint8Array, Job] {
  const bytes = Uint8Array.from(randomBytes(length));
  return [bytes, { k: encodeHex(bytes), alg, kid: 'shared' }];
}
