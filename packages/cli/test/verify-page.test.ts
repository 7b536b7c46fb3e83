// The page of examples/verify-page in Chromium, as a clerk uses it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createKeys, type Key } from 'hardkey';
import { type EncodeOptions, encode, type Identity, type Meta } from 'hardkey/formats/claim169';
import { encodeCoseKeySet } from 'hardkey/formats/cose';
import { memory } from 'hardkey/providers/memory';
import { encodeQR } from 'qr';
import sharp from 'sharp';
import { buildPage } from '../../../examples/verify-page/build.ts';
import { component } from '../../../scripts/components/index.ts';
import { utf8 } from '../../hardkey/src/encoding/bytes.ts';
import { type OpenPage, openPage } from '../../hardkey/test/support/browser.ts';
import {
  authority,
  type CertificateSpec,
  signer as certificateOf,
  pairOf,
} from '../../hardkey/test/support/certificates.ts';
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
  /** What the server has; a test may change it. */
  readonly served: Map<string, Uint8Array>;
  /** The text of a credential by the key that the page trusts. */
  issue(options?: Partial<EncodeOptions>, more?: Partial<Meta>): Promise<string>;
  /** What the page says: banner and all. */
  answer(): Promise<string>;
  paste(text: string): Promise<string>;
}

/** How a desk is set up. */
interface DeskOptions {
  readonly flags?: readonly string[];
  /** What the page trusts in place of the key. */
  readonly trust?: Uint8Array;
}

/** Whoever closes what was opened. */
type Closing = { after(close: () => unknown): unknown };

async function openDesk(t: Closing, { flags = [], trust }: DeskOptions = {}): Promise<Desk> {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  const key = await keys.create('memory:issuer', { algorithm: 'ES256' });
  const files = await buildPage(trust ?? utf8(JSON.stringify(key.publicKey?.toJwk())));
  const served = new Map([...files].map(([name, contents]) => [`/${name}`, contents]));
  const opened = await openPage(chromium.path, served, flags);
  t.after(() => opened.close());
  const { page } = opened;
  const issue: Desk['issue'] = async (options, more) => {
    const meta = { issuer: 'https://issuer.example', expiresAt: NOW + 86_400, ...more };
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
  return { ...opened, key, served, issue, answer, paste };
}

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});
let opened: Promise<Desk> | undefined;

/** One desk for every test that leaves it as it was. */
function desk(): Promise<Desk> {
  opened ??= openDesk({ after: (close) => closing.push(close) });
  return opened;
}

test('a picture of a credential shows who it is, with the photo, and that it is valid', {
  skip,
}, async () => {
  const { page, issue, answer, problems } = await desk();
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

test('a clerk is told apart: expired, early, forged, an unknown issuer, encrypted, and no credential', {
  skip,
}, async (t) => {
  const { page, key, issue, paste } = await desk();
  assert.match(await paste(await issue({}, { expiresAt: NOW - 60 })), /^! Expired\nGenuine, but only until /);
  const early = await paste(await issue({}, { notBefore: NOW + 9000 }));
  assert.match(early, /^! Not valid yet\nGenuine, but only from .*\nThe clock of this device says /);
  const text = await issue({ compression: 'zlib' });
  const other = createKeys([memory()]);
  t.after(() => other.close());
  const stranger = (await other.create('memory:other', { algorithm: 'ES256' })).use('ES256');
  const meta = { issuer: 'https://issuer.example', expiresAt: NOW + 60 };
  const unknown = await paste((await encode(IDENTITY, meta, { signer: stranger })).text);
  assert.match(unknown, /^✗ Unknown issuer\n/);
  const forged = await paste(await signatureOfAnother(text, key));
  assert.match(forged, /^✗ Forged or changed\n/);
  for (const said of [unknown, forged]) assert.doesNotMatch(said, /Ada/, 'nobody is shown');
  const secret = (await other.create('memory:secret', { algorithm: 'A256GCM' })).use('A256GCM');
  assert.match(await paste(await issue({ encryptTo: secret })), /^\? Encrypted\n.*Nothing was checked/);
  assert.match(await paste('HELLO WORLD'), /^\? Not an identity code\n/);
  assert.match(await paste(text), /^✓ Valid/, 'and the next one is valid again');
  const buffer = readFileSync(new URL('verify-page/face.png', import.meta.url));
  await page.click('.again');
  await page.setInputFiles('#picture', { name: 'face.png', mimeType: 'image/png', buffer });
  await page.waitForFunction(() =>
    document.querySelector('#verdict h2')?.textContent?.includes('No code found'),
  );
  await page.click('.again');
  const none = { name: 'none.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
  await page.setInputFiles('#picture', none);
  await page.waitForFunction(() =>
    document.querySelector('#verdict h2')?.textContent?.includes('Cannot be opened'),
  );
});

test('a photograph of a card is read: turned, noisy, with other things around the code', {
  skip,
}, async (t) => {
  const { page, issue, answer } = await openDesk(t);
  const buffer = await photographOf(await issue());
  await page.reload();
  await page.setInputFiles('#picture', { name: 'card.jpg', mimeType: 'image/jpeg', buffer });
  assert.match(await answer(), /^✓ Valid\n/);
});

test('credentials in the dialects of others are read', { skip }, async () => {
  const { issue, paste } = await desk();
  for (const profile of ['mosip', 'claim169-0.3'] as const) {
    assert.match(await paste(await issue({ profile })), /^✓ Valid\n/, profile);
    assert.match(await paste(await issue({ profile }, { expiresAt: NOW - 1 })), /^! Expired\n/, profile);
  }
});

test('a clerk is told what is wrong with the certificate of a signer', { skip }, async (t) => {
  const root = authority({ subject: 'Country' });
  const { key, issue, paste } = await openDesk(t, { trust: root.der });
  const keys = await pairOf(key);
  const chain = async (spec: Partial<CertificateSpec>) => {
    const leaf = certificateOf({ subject: 'Signer', issuer: root, keys, ...spec });
    return paste(await issue({ certificates: [leaf.der] }, { issuedAt: NOW - 60 }));
  };
  assert.match(await chain({}), /^✓ Valid\n/);
  const stranger = authority({ subject: 'Country' });
  assert.match(await chain({ issuer: stranger }), /^✗ Unknown issuer\n/);
  const ended = `${new Date((NOW - 30) * 1000).toISOString().slice(0, 19)}Z`;
  assert.match(await chain({ notAfter: ended }), /^✗ Not valid any more\nThe time of the certificate/);
});

test('a scanner types codes one after the other, wherever the focus is', { skip }, async () => {
  const { page, issue, paste } = await desk();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  const scan = async (text: string, tone: string) => {
    await page.keyboard.press(text.charAt(0));
    await page.keyboard.insertText(text.slice(1));
    await page.keyboard.press('Enter');
    await page.waitForSelector(`#verdict.${tone}:not([hidden])`);
  };
  const text = await issue();
  await page.reload();
  await scan(text, 'good');
  assert.equal(await focused(), '✓ Valid', 'which is said by readers of screens');
  await scan(await issue({}, { expiresAt: NOW - 1 }), 'late');
  // With keys alone: to the details, to the next code, and there.
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Details');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'Use the camera');
  assert.match(await paste(text), /^✓ Valid/);
});

test('everything that can be operated has a name', { skip }, async () => {
  const { page } = await desk();
  await page.reload();
  for (const name of ['Use the camera', 'Check the text']) await page.getByRole('button', { name }).focus();
  for (const name of ['Open a picture', /paste its text/, 'Trust other keys'])
    await page.getByLabel(name).focus();
});

test('keys of one’s own are taken from a file of any form, and given up again', { skip }, async (t) => {
  const { page, key, issue, paste } = await openDesk(t, { trust: utf8('{"keys":[]}') });
  const text = await issue();
  assert.match(await paste(text), /^✗ Unknown issuer\n/);
  const { publicKey } = key.use('ES256');
  const buffer = Buffer.from(encodeCoseKeySet([{ publicKey }]));
  await page.setInputFiles('#keys', { name: 'keys.cbor', mimeType: 'application/cbor', buffer });
  const says = (words: string) =>
    page.waitForFunction((said) => document.querySelector('#trust')?.textContent === said, words);
  await says('Trusting 1 key from a file of yours.');
  assert.match(await paste(text), /^✓ Valid/);
  await page.reload();
  await says('Trusting 1 key from a file of yours.');
  await page.click('#forget');
  await says('Trusting 0 keys.');
  assert.match(await paste(text), /^✗ Unknown issuer\n/);
});

test('a newer version of the page is taken up, and one that is in use is not taken away', {
  skip,
}, async (t) => {
  const { page, served, issue, paste, answer } = await openDesk(t);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  const heading = () => page.innerText('h1');
  const publish = async (name: string) => {
    const replace = (path: string, change: (text: string) => string) =>
      served.set(path, utf8(change(new TextDecoder().decode(served.get(path)))));
    replace('/index.html', (text) => text.replace(/<h1>.*<\/h1>/, `<h1>${name}</h1>`));
    replace('/service-worker.js', (text) => `${text}\n// ${name}`.replaceAll(/[0-9a-f]{16}/g, sha(name)));
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  };
  await publish('Second');
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Second');
  assert.match(await paste(await issue()), /^✓ Valid/);
  const taken = page.evaluate(
    () => new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done)),
  );
  await publish('Third');
  await taken;
  assert.match(await answer(), /^✓ Valid/, 'the answer is still there');
  await page.click('.again');
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Third');
  assert.equal(await heading(), 'Third');
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
  const { page, issue, answer } = await openDesk(t, {
    flags: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  });
  writeFileSync(film, filmOf());
  await page.click('#scan');
  await page.waitForFunction(() => document.querySelector('video')?.srcObject);
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await page.waitForFunction(() => document.querySelector('video')?.srcObject === null);
  assert.ok(await page.isHidden('#camera'));
  writeFileSync(film, filmOf(await issue()));
  await page.click('#scan');
  assert.match(await answer(), /^✓ Valid/);
  assert.ok(await page.isHidden('#camera'), 'and the camera is off again');
});

test('where there is no camera it says so, and what else can be done', { skip }, async () => {
  const { page, answer } = await desk();
  await page.reload();
  await page.click('#scan');
  assert.match(await answer(), /^\? No camera\n.*picture/);
});

/** A film of one second in which nothing moves: YUV4MPEG2, 4:2:0. White without a text. */
function filmOf(text?: string): Uint8Array {
  const [width, height, scale] = [1280, 960, 8];
  const modules = text === undefined ? [] : encodeQR(text, 'raw', { border: 4, ecc: 'low' });
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

/** A card on a table, as a telephone takes it. */
async function photographOf(text: string): Promise<Buffer> {
  const size = { width: 1600, height: 1200, channels: 3 as const };
  const code = sharp(drawPng(text)).resize(560, 560).rotate(8, { background: '#eceae4' });
  const words = '<svg width="500" height="300"><text y="60" font-size="60">IDENTITY CARD</text></svg>';
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 18 };
  const grain = await sharp({ create: { ...size, background: '#808080', noise } })
    .raw()
    .toBuffer();
  const scene = await sharp({ create: { ...size, background: '#8a7458' } })
    .composite([
      { input: await code.png().toBuffer(), left: 820, top: 240 },
      { input: Buffer.from(words), left: 150, top: 300 },
      { input: grain, raw: size, blend: 'soft-light' },
    ])
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(scene.data, { raw: scene.info }).blur(0.8).jpeg({ quality: 72 }).toBuffer();
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
