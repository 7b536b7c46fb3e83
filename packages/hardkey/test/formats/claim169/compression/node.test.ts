import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { compress } from '../../../../src/formats/claim169/compression/node.ts';

/** Text with much and with little to find in it, of any length that a credential may have. */
const content = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.uint8Array({ maxLength: 300 }), fc.nat(60))
  .map(([repeated, rest, times]) =>
    Uint8Array.from([...Array.from({ length: times }, () => [...repeated, times]).flat(), ...rest]),
  );

test('a zlib stream is that of the defaults of zlib at level 9, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      const [stream = new Uint8Array()] = await compress('zlib', bytes);
      assert.deepEqual(Uint8Array.from(stream), Uint8Array.from(deflateSync(bytes, { level: 9 })));
    }),
  );
});

for (const length of [0, 1, 249, 250, 251, 506, 507, 511, 512, 513, 32_506, 32_507, 65_536, 200_000]) {
  test(`at ${length} bytes too, where the window or the tables change`, async () => {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * at) >> 3);
    const [stream = new Uint8Array()] = await compress('zlib', bytes);
    assert.deepEqual(Uint8Array.from(stream), Uint8Array.from(deflateSync(bytes, { level: 9 })));
    assert.deepEqual(Uint8Array.from(inflateSync(stream)), bytes);
  });
}
