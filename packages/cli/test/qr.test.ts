import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isFailure } from 'hardkey';
import { qrCapacity, qrErrorLevels, qrVersion } from 'hardkey/formats/claim169';
import { PNG } from 'pngjs';
import { component } from '../../../scripts/components/index.ts';
import { pictureKind } from '../src/pictures.ts';
import { drawOnTerminal, drawPng, drawSvg } from '../src/qr.ts';
import { readQr } from '../src/read-qr.ts';
import { sandbox } from './support/sandbox.ts';

const { path, ok, run, fails, generate, write, read } = sandbox();
const zbarimg = component('zbarimg');
const SKIP = { skip: zbarimg.missing ?? false };

// RFC 9285 table 1, all of it, with the characters that programs like to change at the ends.
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const SMALL = ` -${ALPHABET} `;
// ISO/IEC 18004 table 7: what version 40-L holds.
const LARGEST = ALPHABET.repeat(96).slice(0, 4296);

/** What another reader sees in a picture. */
const seen = (file: string) =>
  execFileSync(zbarimg.path, ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path(file)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).slice(0, -1);

/** The version of what is drawn: 17 modules and 4 for each version, and the light ones around. */
const drawnVersion = (text: string, level: (typeof qrErrorLevels)[number]) =>
  ((drawOnTerminal(text, false, level).split('\n')[0] ?? '').length - 8 - 17) / 4;

const code = (name: string, field: string) => (error: unknown) =>
  isFailure(error) && error.code === name && error.details.field === field;

for (const [size, text] of [
  ['a small text', SMALL],
  ['the largest text', LARGEST],
] as const) {
  test(`${size} is read back from its PNG`, async () => assert.equal(await readQr(drawPng(text)), text));

  test(`zbarimg reads ${size} in its PNG`, SKIP, () => {
    write('drawn.png', drawPng(text));
    assert.equal(seen('drawn.png'), text);
  });
}

test('the terminal, the SVG and the PNG show the same modules, with four light ones around', () => {
  const { width, data } = PNG.sync.read(Buffer.from(drawPng(SMALL)));
  const side = width / 8;
  const dark = (x: number, y: number) => data[(y * 8 * width + x * 8) * 4] === 0;
  const path = Array.from({ length: side * side }, (_, at) => [at % side, Math.floor(at / side)] as const);
  const expected = path.filter(([x, y]) => dark(x, y));
  assert.ok(expected.length > 300);
  for (const [x, y] of expected) assert.ok(x >= 4 && y >= 4 && x < side - 4 && y < side - 4);
  assert.deepEqual(
    expected
      .filter(([, y]) => y === 4)
      .slice(0, 7)
      .map(([x]) => x),
    [4, 5, 6, 7, 8, 9, 10],
  );

  const svg = [...drawSvg(SMALL).matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => [Number(x), Number(y)]);
  assert.deepEqual(svg, expected);

  const lines = drawOnTerminal(SMALL, false).trimEnd().split('\n');
  const light = (x: number, y: number) => ['█', y % 2 === 0 ? '▀' : '▄'].includes(lines[y >> 1]?.[x] ?? '');
  assert.deepEqual(
    path.filter(([x, y]) => !light(x, y)),
    expected,
  );
  const coloured = drawOnTerminal(SMALL, true).trimEnd().split('\n');
  const black = (x: number, y: number) => {
    const line = coloured[y >> 1]?.replace(/\u001b\[[\d;]*m/g, '') ?? '';
    return ['█', y % 2 === 0 ? '▀' : '▄'].includes(line[x] ?? '');
  };
  assert.deepEqual(
    path.filter(([x, y]) => black(x, y)),
    expected,
  );
});

test('a picture with a transparent background is read', async () => {
  const png = PNG.sync.read(Buffer.from(drawPng(SMALL)));
  for (let at = 0; at < png.data.length; at += 4) {
    const light = png.data[at] === 255;
    png.data.set(light ? [0, 0, 0, 0] : [0, 0, 0, 255], at);
  }
  assert.equal(await readQr(PNG.sync.write(png)), SMALL);
});

test('a picture without a code, and one that is cut short, are MALFORMED', async () => {
  const blank = new PNG({ width: 64, height: 64 });
  blank.data.fill(255);
  await assert.rejects(readQr(PNG.sync.write(blank)), code('MALFORMED', 'qr'));
  const drawn = drawPng(SMALL);
  for (const length of [8, 20, 30, drawn.length - 20])
    await assert.rejects(readQr(drawn.subarray(0, length)), code('MALFORMED', 'png'), String(length));
});

test('a PNG that claims to be huge is refused before it is unpacked', async () => {
  const drawn = Uint8Array.from(drawPng(SMALL));
  // PNG 3 §11.2.1: width and height.
  drawn.set([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff], 16);
  await assert.rejects(readQr(drawn), (error) => {
    assert.match(String(error), /40 million pixels/);
    return code('MALFORMED', 'png')(error);
  });
});

test('what is no picture is not taken for one', async () => {
  assert.equal(pictureKind(Uint8Array.of(0x89, 0x50)), undefined);
  assert.equal(pictureKind(Uint8Array.of(0xff, 0xd8)), undefined);
  await assert.rejects(readQr(new TextEncoder().encode('6BF')), code('MALFORMED', 'qr'));
});

for (const level of qrErrorLevels)
  test(`level ${level}: every version is drawn for as long a text as ISO/IEC 18004 gives it, and no longer`, () => {
    for (let version = 1; version <= 40; version++) {
      const full = ALPHABET.repeat(96).slice(0, qrCapacity(version, level));
      assert.equal(qrVersion(full, level), version);
      // Drawing is slow: the terminal is the smallest picture.
      assert.equal(drawnVersion(full, level), version);
      if (version < 40) assert.equal(drawnVersion(`${full}0`, level), version + 1);
    }
  });

test('a credential goes into a PNG and out of it, by our reader and by another', SKIP, () => {
  write('issuer.pem', generate('ES256', 'issuer').publicKeyPem ?? '');
  write('identity.json', '{"id":"1","fullName":"Ana"}');
  const encode = ['claim169', 'encode', 'identity.json', '--key', 'issuer', '--issuer', 'https://a.example'];
  const result = JSON.parse(ok([...encode, '--out', 'credential.png', '--json']));
  assert.equal(pictureKind(read('credential.png'))?.name, 'png');
  const decode = ['claim169', 'decode', 'credential.png', '--trust', 'issuer.pem', '--json'];
  assert.deepEqual(JSON.parse(ok(decode)).identity, { id: '1', fullName: 'Ana' });
  assert.equal(seen('credential.png'), result.text);
  assert.equal(
    run(['claim169', 'decode', '-', '--trust', 'issuer.pem'], { input: read('credential.png') }).status,
    0,
  );
  ok([...encode, '--out', 'credential.svg']);
  assert.match(read('credential.svg').toString(), /^<svg xmlns=.*<\/svg>\n$/s);
});

test('a picture that holds something else is 65, in the layer that fails', () => {
  write('other.png', drawPng('HTTPS://EXAMPLE.ORG'));
  const { status, stderr } = run(['claim169', 'inspect', 'other.png']);
  assert.equal(status, 65);
  assert.match(stderr, /MALFORMED field=(base45|compression)/);
  write('cut.png', drawPng(SMALL).subarray(0, 100));
  fails(['claim169', 'inspect', 'cut.png'], 65, 'the picture is not a PNG (MALFORMED field=png)');
});
