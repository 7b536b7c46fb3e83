// An agent that holds a key and answers as a test wants it to.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { importPublicKey } from '../../../src/core/import-public-key.ts';
import { encodeSshKey } from '../../../src/core/ssh/public-key.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { SshReader, sshString, sshUint32 } from '../../../src/encoding/ssh.ts';

/** What it does other than a right agent. */
export interface Oddity {
  /** Bytes in place of a reply to a request for a signature, frame and all; nothing hangs up. */
  readonly raw?: Uint8Array;
  /** The signature, given the right one's bytes. */
  readonly signature?: (right: Uint8Array) => Uint8Array;
  /** The name of the algorithm in the signature. */
  readonly name?: string;
  /** Replies in pieces of so many bytes. */
  readonly pieces?: number;
  /** Signs with another key than the one it shows. */
  readonly liar?: boolean;
}

/** A key that is in this process. */
export function keyOf(type: 'rsa' | 'ed25519'): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  return type === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ed25519');
}

/** Starts it on a socket, with one key. */
export async function oddAgent(
  t: TestContext,
  path: string,
  { privateKey, publicKey }: ReturnType<typeof keyOf>,
  oddity: Oddity = {},
): Promise<void> {
  const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  const key = encodeSshKey(await importPublicKey(spki));
  const rsa = privateKey.asymmetricKeyType === 'rsa';
  const signing = oddity.liar ? keyOf(rsa ? 'rsa' : 'ed25519').privateKey : privateKey;

  function answer(request: Uint8Array): Uint8Array {
    const input = new SshReader(request.subarray(4), 'request');
    if (input.byte() === 11) {
      return sshString(Uint8Array.of(12), sshUint32(1), sshString(key), sshString('odd'));
    }
    if (oddity.raw !== undefined) return oddity.raw;
    input.string();
    const right = Uint8Array.from(sign(rsa ? 'sha512' : null, input.string(), signing));
    const name = oddity.name ?? (rsa ? 'rsa-sha2-512' : 'ssh-ed25519');
    const made = oddity.signature?.(right) ?? right;
    return sshString(Uint8Array.of(14), sshString(sshString(name), sshString(made)));
  }

  const server = createServer((socket) => {
    let received: Uint8Array = new Uint8Array();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Uint8Array) => {
      received = concat(received, chunk);
      if (received.length < 4 || received.length < 4 + new SshReader(received, 'request').uint32()) return;
      const reply = answer(received);
      received = new Uint8Array();
      for (let at = 0; at < reply.length; at += oddity.pieces ?? reply.length) {
        socket.write(reply.subarray(at, at + (oddity.pieces ?? reply.length)));
      }
      if (reply.length === 0 || oddity.raw !== undefined) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(path, { force: true });
  });
}
