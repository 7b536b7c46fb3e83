/**
 * Frames of signer programs, and the messages in them: into which pieces a stream comes makes no
 * difference. The first byte says where it is cut.
 *
 * @module
 */
import { concat, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import { encodeFrame, FrameReader } from '../../packages/hardkey/src/protocols/signer/frames.ts';
import { decodeHello, decodeReply } from '../../packages/hardkey/src/protocols/signer/messages.ts';
import { promised, type Target } from '../target.ts';

const LIMIT = 2048;
const HELLO = {
  hello: {
    contract: '1.0',
    keys: [
      { key: 'issuer', alg: 'ES256', fingerprint: `sha256:${'ab'.repeat(32)}`, ops: ['sign', 'signDigest'] },
    ],
    maxMessage: 4096,
  },
};
const REPLY = { id: 1, s: 'AAECAw==' };
const REFUSAL = { id: 2, e: { code: 'DENIED', retryable: false, message: 'no' } };

/** See the module. */
export const frames: Target = {
  name: 'frames',
  allowed: ['MALFORMED', 'UNSUPPORTED'],
  seeds: () => {
    const [hello, ...replies] = [HELLO, REPLY, REFUSAL].map((message) =>
      encodeFrame(utf8(JSON.stringify(message))),
    );
    return [
      concat(Uint8Array.of(3), hello ?? new Uint8Array()),
      concat(Uint8Array.of(9), hello ?? new Uint8Array(), ...replies),
    ];
  },
  run(input) {
    const [cut = 0] = input;
    const stream = input.subarray(1);
    const whole = bodiesOf([stream]);
    const pieces = bodiesOf([stream.subarray(0, cut), stream.subarray(cut)]);
    promised(JSON.stringify(whole) === JSON.stringify(pieces), 'a stream is cut in one way');
    if ('failure' in whole) throw whole.failure;
    const [hello, ...replies] = whole.bodies;
    if (hello !== undefined) decodeHello(hello);
    for (const reply of replies) {
      const { id, signature, code } = decodeReply(reply);
      promised(
        Number.isSafeInteger(id) && (signature === undefined) !== (code === undefined),
        'a reply is one of two',
      );
    }
    return undefined;
  },
  words: [
    '"id":',
    '"s":"',
    '"e":{',
    '"code":',
    '"contract":"1.0"',
    '"keys":[',
    '"ops":["sign"]',
    '"maxMessage":',
  ].map(utf8),
};

/** What comes of a stream: its bodies, or the failure after some of them. */
function bodiesOf(
  pieces: readonly Uint8Array[],
): { readonly bodies: readonly Uint8Array[] } | { readonly failure: Error } {
  const reader = new FrameReader(LIMIT);
  try {
    return { bodies: pieces.flatMap((piece) => reader.push(piece).map((body) => body.slice())) };
  } catch (failure) {
    if (isFailure(failure)) return { failure };
    throw failure;
  }
}
