// Pictures as scanners, printers and telephones make them. Every one of them is made here, by another library.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isFailure } from 'hardkey';
import sharp, { type Sharp } from 'sharp';
import { component } from '../../../scripts/components/index.ts';
import { drawPng } from '../src/qr.ts';
import { readQr } from '../src/read-qr.ts';
import { sandbox } from './support/sandbox.ts';

const { path, run, write } = sandbox();
const zbarimg = component('zbarimg');

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** Small, as a credential without a photo, with one, and the largest there is. */
const TEXTS = [200, 750, 1800, 4296].map((length) => ALPHABET.repeat(96).slice(0, length));

const code = (field: string) => (error: unknown) =>
  isFailure(error, 'MALFORMED') && error.details.field === field;

/** The same numbers every time, from 0 to 1. */
function* chance(): Generator<number, never> {
  for (let state = 7; ; ) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state / 0x7fffffff;
  }
}

/** Less contrast, and noise on every pixel. */
async function noisy(picture: Sharp, strength: number): Promise<Sharp> {
  const { data, info } = await picture.greyscale().raw().toBuffer({ resolveWithObject: true });
  const random = chance();
  const next = () => random.next().value - 0.5;
  const grey = data.map((value) => {
    const noise = (next() + next() + next() + next()) * strength;
    return Math.max(0, Math.min(255, value * 0.8 + 25 + noise));
  });
  return sharp(grey, { raw: { width: info.width, height: info.height, channels: 1 } });
}

const turned = (picture: Sharp, degrees: number) => picture.rotate(degrees, { background: '#ddd' });

/** What happens to a picture on its way, and its bytes afterwards. */
const WAYS: readonly (readonly [string, (picture: Sharp) => Promise<Uint8Array>])[] = [
  ['as a JPEG', (picture) => picture.jpeg({ quality: 85 }).toBuffer()],
  ['as a poor JPEG', (picture) => picture.jpeg({ quality: 30 }).toBuffer()],
  ['as a progressive JPEG', (picture) => picture.jpeg({ progressive: true }).toBuffer()],
  ['as a JPEG that a viewer turns', (picture) => picture.jpeg().withMetadata({ orientation: 6 }).toBuffer()],
  ['as a JPEG for printing', (picture) => picture.toColourspace('cmyk').jpeg().toBuffer()],
  ['turned by 90°', (picture) => turned(picture, 90).png().toBuffer()],
  ['turned by 180°', (picture) => turned(picture, 180).png().toBuffer()],
  ['turned by 7°', (picture) => turned(picture, 7).png().toBuffer()],
  ['turned by 33°, as a JPEG', (picture) => turned(picture, 33).jpeg({ quality: 70 }).toBuffer()],
  [
    'seen from the side',
    (picture) => picture.affine([1, 0.12, 0.05, 0.9], { background: '#fff' }).png().toBuffer(),
  ],
  ['blurred', (picture) => picture.blur(1.5).png().toBuffer()],
  ['with noise', async (picture) => (await noisy(picture, 60)).png().toBuffer()],
  ['with much noise', async (picture) => (await noisy(picture, 100)).png().toBuffer()],
  [
    'turned by 17°, with noise, as a JPEG',
    async (picture) =>
      (await noisy(sharp(await turned(picture, 17).png().toBuffer()), 60)).jpeg({ quality: 60 }).toBuffer(),
  ],
  ['light on dark', (picture) => picture.negate().png().toBuffer()],
  ['in 16 colours', (picture) => picture.png({ palette: true, colours: 16 }).toBuffer()],
  ['with 16 bits a channel', (picture) => picture.toColourspace('rgb16').png().toBuffer()],
];

for (const [way, make] of WAYS)
  test(`codes of every size are read ${way}`, async () => {
    for (const text of TEXTS) {
      const picture = await make(sharp(drawPng(text)));
      assert.equal(await readQr(picture), text, `${text.length} characters`);
    }
  });

test('what a JPEG of ours shows is what another reader sees', {
  skip: zbarimg.missing ?? false,
}, async () => {
  for (const text of TEXTS) {
    write('seen.jpg', await sharp(drawPng(text)).jpeg({ quality: 85 }).toBuffer());
    const args = ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path('seen.jpg')];
    assert.equal(execFileSync(zbarimg.path, args, { encoding: 'utf8' }).slice(0, -1), text);
  }
});

test('a picture with several codes is MALFORMED, and one with the same code twice is not', async () => {
  const side = async (left: string, right: string) => {
    const [one, two] = [drawPng(left), drawPng(right)];
    const { width = 0, height = 0 } = await sharp(one).metadata();
    return sharp({ create: { width: width * 2, height, channels: 3, background: '#fff' } })
      .composite([
        { input: Buffer.from(one), left: 0, top: 0 },
        { input: Buffer.from(two), left: width, top: 0 },
      ])
      .png()
      .toBuffer();
  };
  await assert.rejects(readQr(await side('ONE', 'TWO')), code('qr'));
  assert.equal(await readQr(await side('ONE', 'ONE')), 'ONE');
});

test('a part of a code that looks like a Micro QR is no second code', async () => {
  const text =
    '9B4LB0RRQ7$AO60OO0HPCK*6IPC2:6JA7X C7074:68CKEP9E80A9DIWENPEJ/5PED.%5$9FQ$DTVD7*5$KEFN0NYD.26WY0 NDE-VD53E' +
    'RK7JDGA7Y47HA7/Q6U377PD..DQ34$9FQ$DTVD$211A6X47A460A627B$2TQYGPWIM%USDLHZLMZ79MOKN34O69C1PT9DP761MEFT::MV%' +
    'V1K9O:H27DZ6O9W6/IF$PC7-CIB4%YO5EJ*R08CWJNFV$630';
  assert.equal(await readQr(drawPng(text)), text);
});

test('a JPEG that is broken, empty, or claims to be huge is MALFORMED', async () => {
  const drawn = Uint8Array.from(await sharp(drawPng('ONE')).jpeg().toBuffer());
  for (const length of [3, 10, 100]) await assert.rejects(readQr(drawn.subarray(0, length)), code('jpeg'));
  await assert.rejects(
    readQr(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff)),
    code('jpeg'),
  );
  const blank = await sharp({ create: { width: 99, height: 99, channels: 3, background: '#fff' } })
    .jpeg()
    .toBuffer();
  await assert.rejects(readQr(blank), code('qr'));
  const frame = drawn.findIndex((byte, at) => byte === 0xff && drawn[at + 1] === 0xc0);
  // T.81 §B.2.2: height and width follow the length and the precision.
  drawn.set([0xff, 0xff, 0xff, 0xff], frame + 5);
  await assert.rejects(readQr(drawn), (error) => {
    assert.match(String(error), /40 million pixels/);
    return code('jpeg')(error);
  });
});

test('the command reads a JPEG, and says which layer of another picture fails', async () => {
  write('other.jpg', await sharp(drawPng('HTTPS://EXAMPLE.ORG')).jpeg().toBuffer());
  const { status, stderr } = run(['claim169', 'inspect', 'other.jpg']);
  assert.equal(status, 65);
  assert.match(stderr, /MALFORMED field=(base45|compression)/);
});
