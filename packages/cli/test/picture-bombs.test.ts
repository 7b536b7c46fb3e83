// Pictures that ask for far more than they show: refused by their heads, before anything is unpacked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { isFailure } from 'hardkey';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { drawPng } from '../src/qr.ts';
import { readQr } from '../src/read-qr.ts';

const refused = (field: string, why: RegExp) => (error: unknown) =>
  isFailure(error, 'MALFORMED') && error.details.field === field && why.test(error.message);

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

interface Head {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
}

/** A PNG with any head around any data. */
function png(head: Head, ...data: readonly Uint8Array[]): Uint8Array {
  const { width, height, depth = 8, colour = 0, interlace = 0 } = head;
  const first = Buffer.alloc(13);
  first.writeUInt32BE(width);
  first.writeUInt32BE(height, 4);
  first.set([depth, colour, 0, 0, interlace], 8);
  const parts = data.map((part) => chunk('IDAT', part));
  return Buffer.concat([SIGNATURE, chunk('IHDR', first), ...parts, chunk('IEND', new Uint8Array())]);
}

/** Forty kilobytes that become forty million. */
const bomb = deflateSync(new Uint8Array(40_000_000));

for (const [what, head] of [
  ['interlaced', { width: 10, height: 10, interlace: 1 }],
  ['interlaced, in one row', { width: 1, height: 1, interlace: 1, depth: 16, colour: 6 }],
] as const) {
  test(`an ${what} PNG whose data unpack to more than it shows is MALFORMED`, async () => {
    const why = /unpacks to more than it shows/;
    await assert.rejects(readQr(png(head, bomb)), refused('png', why));
    // The data may come in pieces.
    const half = bomb.length >> 1;
    const split = png(head, bomb.subarray(0, half), bomb.subarray(half));
    await assert.rejects(readQr(split), refused('png', why));
  });
}

test('what a PNG that is not interlaced has beyond its rows is not unpacked', async () => {
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(readQr(png({ width: 10, height: 10 }, bomb)), refused('png', /not a PNG/));
  assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
});

test('a PNG of many pixels with many bits each is MALFORMED', async () => {
  const head = { width: 6000, height: 6000, depth: 16, colour: 6 };
  await assert.rejects(readQr(png(head, bomb)), refused('png', /160 million bytes/));
  await assert.rejects(readQr(png({ ...head, interlace: 1 }, bomb)), refused('png', /160 million bytes/));
});

test('an interlaced code is read, of whatever size and depth', async () => {
  for (const text of ['ONE', 'A'.repeat(1000)]) {
    const { width = 0 } = await sharp(drawPng(text)).metadata();
    for (const size of [width, width - 1, width + 7]) {
      const picture = sharp(drawPng(text)).resize(size, size, { fit: 'contain', background: '#fff' });
      const written = await picture.png({ progressive: true }).toBuffer();
      assert.equal(written[28], 1);
      if (size >= width) assert.equal(await readQr(written), text);
      // Whether or not a code this small can be read, the picture is a whole one.
      else await readQr(written).catch((error) => assert.ok(refused('qr', /no QR code/)(error)));
    }
  }
  const deep = await sharp(drawPng('ONE')).toColourspace('rgb16').png({ progressive: true }).toBuffer();
  assert.equal(await readQr(deep), 'ONE');
});

test('an interlaced PNG whose data are broken is MALFORMED as a PNG', async () => {
  const broken = png({ width: 10, height: 10, interlace: 1 }, Uint8Array.of(1, 2, 3));
  await assert.rejects(readQr(broken), refused('png', /not a PNG/));
  assert.throws(() => PNG.sync.read(Buffer.from(broken)));
});

test('a JPEG with scans without end is MALFORMED, each a few bytes long', async () => {
  const blank = sharp({ create: { width: 6000, height: 6000, channels: 3, background: '#fff' } });
  const whole = Uint8Array.from(await blank.jpeg({ progressive: true }).toBuffer());
  const end = whole.length - 2;
  // T.81 §B.2.3: FF DA begins a scan. The last refines what the others said, for every block at once.
  const last = whole.subarray(Buffer.from(whole).lastIndexOf(Buffer.of(0xff, 0xda)), end);
  assert.ok(last.length < 100);
  const scans = Array.from({ length: 1000 }, () => last);
  const bytes = Buffer.concat([whole.subarray(0, end), ...scans, whole.subarray(end)]);
  await assert.rejects(readQr(bytes), refused('jpeg', /too many scans/));
});

test('a progressive JPEG of a camera has few scans, and is read', async () => {
  const picture = sharp(drawPng('ONE')).resize(2000, 2000);
  assert.equal(await readQr(await picture.jpeg({ progressive: true }).toBuffer()), 'ONE');
});
