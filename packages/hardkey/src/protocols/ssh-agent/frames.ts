/**
 * Messages on the socket of an agent: a length of four bytes, big-endian, and as many bytes (RFC 9987 §4).
 *
 * @module
 */
import { concat } from '../../encoding/bytes.ts';
import { sshString } from '../../encoding/ssh.ts';
import { Failure } from '../../errors.ts';

/** The longest message either side takes, in bytes: OpenSSH's limit, which others have as well. */
export const MESSAGE_LIMIT: number = 256 * 1024;

const HEAD = 4;

/** A message as it goes to the socket. */
export function encodeFrame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return sshString(message);
}

/** Collects the one reply to one request from pieces of any size. */
export class ReplyReader {
  #received: Uint8Array = new Uint8Array();

  /**
   * The reply, once all of it is there. Throws `MALFORMED` for an empty reply, for one beyond the limit,
   * and for more than one.
   */
  push(chunk: Uint8Array): Uint8Array | undefined {
    this.#received = concat(this.#received, chunk);
    const { buffer, byteOffset, length } = this.#received;
    if (length < HEAD) return undefined;
    const announced = new DataView(buffer, byteOffset).getUint32(0);
    if (announced === 0 || announced > MESSAGE_LIMIT)
      throw malformed('a reply of a length that is not allowed');
    if (length - HEAD > announced) throw malformed('more than one reply to one request');
    return length - HEAD < announced ? undefined : this.#received.subarray(HEAD);
  }
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'ssh-agent.reply' });
}
