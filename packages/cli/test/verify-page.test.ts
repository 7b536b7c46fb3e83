// The page of examples/verify-page in Chromium, as a clerk uses it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, type Key } from 'hardkey';
import { type EncodeOptions, encode, type Identity } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { encodeQR } from 'qr';
import { buildPage } from '../../../examples/verify-page/build.ts';
import { component } from '../../../scripts/components/index.ts';
import { type OpenPage, openPage } from '../../hardkey/test/support/browser.ts';
import { drawPng } from '../src/qr.ts';
import { signatureOfAnother } from './verify-page/forge.ts';

const chromium = component('chromium');
const skip = chromium.missing ?? false;
const NOW = Math.floor(Date.now() / 1000);
const PHOTO = new Uint8Array(readFileSync(new URL('verify-page/face.png', import.meta.url)));
const IDENTITY: Identity = {
  id: 'ID-1',
  fullName: 'Ada <b>Example</b>',
  dateOfBirth: '19840418',
  gender: 2,
  face: [{ data: PHOTO, format: 0, subFormat: 0 }],
};

interface Desk extends OpenPage {
  readonly key: Key;
  /** The text of a credential by the key that the page trusts. */
  issue(options?: Partial<EncodeOptions>, expiresAt?: number): Promise<string>;
  /** What the page says: banner and all. */
  answer(): Promise<string>;
  paste(text: string): Promise<string>;
}

async function openDesk(t: TestContext, flags: readonly string[] = []): Promise<Desk> {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const key = await keys.create('memory:issuer', { algorithm: 'ES256' });
  const files = await buildPage(JSON.stringify(key.publicKey?.toJwk()));
  const served = new Map([...files].map(([name, contents]) => [`/${name}`, contents]));
  const opened = await openPage(chromium.path, served, flags);
  t.after(() => opened.close());
  const { page } = opened;
  const issue: Desk['issue'] = async (options, expiresAt = NOW + 86_400) => {
    const meta = { issuer: 'https://issuer.example', expiresAt };
    return (await encode(IDENTITY, meta, { signer: key.use('ES256'), ...options })).text;
  };
  const answer = async (): Promise<string> => {
    await page.waitForSelector('#verdict:not([hidden])');
    return (await page.innerText('#verdict')).replaceAll(/\n+/g, '\n');
  };
  const paste = async (text: string): Promise<string> => {
    if (await page.isVisible('.again')) await page.click('.again');
    await page.fill('#text', text);
    await page.click('#paste button');
    return answer();
  };
  return { ...opened, key, issue, answer, paste };
}

test('a picture of a credential shows who it is, with the photo, and that it is valid', {
  skip,
}, async (t) => {
  const { page, issue, answer, problems } = await openDesk(t);
  await page.waitForFunction(() => document.querySelector('#trust')?.textContent === 'Trusting 1 key.');
  for (const compression of ['zlib', 'brotli'] as const) {
    const text = await issue({ compression });
    if (await page.isVisible('.again')) await page.click('.again');
    const buffer = Buffer.from(drawPng(text));
    await page.setInputFiles('#picture', { name: 'code.png', mimeType: 'image/png', buffer });
    const said = await answer();
    assert.match(said, /^✓ Valid\nGenuine, until /);
    // Markup in a name is text.
    assert.match(said, /Ada <b>Example<\/b>/);
    assert.match(said, /April 18, 1984/);
    const width = () => document.querySelector<HTMLImageElement>('#verdict img')?.naturalWidth;
    await page.waitForFunction(width);
    assert.equal(await page.evaluate(width), 24);
  }
  assert.deepEqual(problems, []);
});

test('a clerk is told apart: expired, forged, not trusted, encrypted, and no credential', {
  skip,
}, async (t) => {
  const { page, key, issue, paste } = await openDesk(t);
  assert.match(await paste(await issue({}, NOW - 60)), /^! Expired\nGenuine, but only until /);
  const text = await issue({ compression: 'zlib' });
  const other = createKeys([memory()]);
  t.after(() => other.close());
  const stranger = (await other.create('memory:other', { algorithm: 'ES256' })).use('ES256');
  const meta = { issuer: 'https://issuer.example', expiresAt: NOW + 60 };
  const forged = await encode(IDENTITY, meta, { signer: stranger });
  const said = await paste(forged.text);
  assert.match(said, /^✗ Not valid\nIt is forged, was changed, or was signed by somebody/);
  assert.doesNotMatch(said, /Ada/, 'nobody is shown');
  assert.match(await paste(await signatureOfAnother(text, key)), /^✗ Not valid\nIt is forged, was changed/);
  const secret = (await other.create('memory:secret', { algorithm: 'A256GCM' })).use('A256GCM');
  assert.match(await paste(await issue({ encryptTo: secret })), /^✗ Cannot be read here/);
  assert.match(await paste('HELLO WORLD'), /^✗ Not an identity code/);
  assert.match(await paste(text), /^✓ Valid/, 'and the next one is valid again');
  const buffer = readFileSync(new URL('verify-page/face.png', import.meta.url));
  await page.click('.again');
  await page.setInputFiles('#picture', { name: 'face.png', mimeType: 'image/png', buffer });
  await page.waitForFunction(() =>
    document.querySelector('#verdict h2')?.textContent?.includes('No code found'),
  );
});

test('after the first visit it works without a network', { skip }, async (t) => {
  const { page, issue, paste, stopServing, requests } = await openDesk(t);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await page.reload();
  await page.waitForFunction(() => document.querySelector('#trust')?.textContent === 'Trusting 1 key.');
  await stopServing();
  await page.reload();
  const asked = requests.length;
  assert.match(await paste(await issue({ compression: 'brotli' })), /^✓ Valid/);
  assert.equal(requests.length, asked);
});

test('the camera reads a code', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-camera-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const film = join(folder, 'film.y4m');
  const { page, issue, answer } = await openDesk(t, [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
  writeFileSync(film, filmOf(await issue()));
  await page.click('#scan');
  assert.match(await answer(), /^✓ Valid/);
  assert.ok(await page.isHidden('#camera'), 'and the camera is off again');
});

/** A film of one second in which nothing moves: YUV4MPEG2, 4:2:0. */
function filmOf(text: string): Uint8Array {
  const [width, height, scale] = [1280, 960, 8];
  const modules = encodeQR(text, 'raw', { border: 4, ecc: 'low' });
  const luma = new Uint8Array(width * height).fill(255);
  for (const [y, row] of modules.entries()) {
    for (const [x, dark] of row.entries()) {
      if (!dark) continue;
      for (let line = 0; line < scale; line++) {
        const start = (y * scale + line + 20) * width + x * scale + 20;
        luma.fill(16, start, start + scale);
      }
    }
  }
  const chroma = new Uint8Array((width * height) / 2).fill(128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([header, ...Array.from({ length: 10 }, () => frame)]);
}
