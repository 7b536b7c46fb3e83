import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat } from '../../../src/encoding/bytes.ts';
import { encodeFrame, FrameReader } from '../../../src/protocols/signer/frames.ts';
import { failsWith } from '../../support/failures.ts';

const FIELD = { field: 'signer.frame' };

test('a frame is four bytes of length, big-endian, and the body', () => {
  assert.deepEqual(encodeFrame(Uint8Array.of(1, 2, 3)), Uint8Array.of(0, 0, 0, 3, 1, 2, 3));
  const [body] = new FrameReader(70_000).push(concat(Uint8Array.of(0, 1, 0, 0), new Uint8Array(65_536)));
  assert.equal(body?.length, 65_536);
});

test('frames come out whole, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }),
      (bodies, cuts) => {
        const stream = concat(...bodies.map(encodeFrame));
        const reader = new FrameReader(300);
        const found: Uint8Array[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          // The same buffer each time: what a stream gives belongs to the stream.
          const chunk = Buffer.from(stream.subarray(at, at + size));
          found.push(...reader.push(chunk).map((body) => Uint8Array.from(body)));
          chunk.fill(0xff);
          at += size;
        }
        assert.deepEqual(found, bodies);
      },
    ),
  );
});

test('a frame that is empty, or longer than allowed, is MALFORMED before its body is there', () => {
  for (const head of [
    [0, 0, 0, 0],
    [0, 0, 0, 11],
    [0xff, 0xff, 0xff, 0xff],
    [0x80, 0, 0, 1],
  ]) {
    assert.throws(() => new FrameReader(10).push(Uint8Array.from(head)), failsWith('MALFORMED', FIELD));
  }
  assert.deepEqual(new FrameReader(10).push(Uint8Array.of(0, 0, 0, 10)), []);
});
