// Photos that fit, drawn by sharp, and by an encoder that only counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust } from 'hardkey';
import {
  decode,
  encode,
  type FitPhotoOptions,
  fitPhoto,
  type PhotoEncoder,
  sharpPhotos,
} from 'hardkey/formats/claim169';
import sharp from 'sharp';
import { failsWith } from '../../../support/failures.ts';
import { AT, issuerFor, META } from '../support.ts';

const IDENTITY = { id: '3918592438', fullName: 'Ada Example', dateOfBirth: '19840418' };

/** Something like a face: soft shapes, and the noise of a camera. */
async function portrait(): Promise<Uint8Array> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1200">
    <defs><radialGradient id="g"><stop stop-color="#f3d0b0"/><stop offset="1" stop-color="#a06a48"/></radialGradient></defs>
    <rect width="900" height="1200" fill="#8fa8c0"/><ellipse cx="450" cy="560" rx="280" ry="380" fill="url(#g)"/>
    <circle cx="340" cy="500" r="36" fill="#223"/><circle cx="560" cy="500" r="36" fill="#223"/>
    <path d="M340 760q110 90 220 0" stroke="#822" stroke-width="22" fill="none"/></svg>`;
  const noise = {
    create: {
      width: 900,
      height: 1200,
      channels: 3 as const,
      background: '#777',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 12 },
    },
  };
  const grain = await sharp(noise).png().toBuffer();
  return sharp(Buffer.from(drawing))
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 92 })
    .withMetadata({ orientation: 6 })
    .toBuffer();
}

for (const format of ['webp', 'jpeg', 'avif'] as const)
  test(`${format}: the photo fits a QR version, decodes, and has no metadata`, async (t) => {
    const { signer, trust } = await issuerFor(t, 'ES256');
    const encoder = sharpPhotos(sharp, { format });
    const photo = await portrait();
    const options = { algorithm: 'ES256', publicKey: signer.publicKey, encoder, maxQrVersion: 30 } as const;
    const fitted = await fitPhoto(IDENTITY, META, photo, options);
    const { text, qrVersion } = await encode(fitted.identity, META, { signer });
    assert.ok(qrVersion <= 30 && qrVersion >= 27, `version ${qrVersion}`);
    assert.ok(fitted.size.qrVersion - qrVersion <= 1);
    const { identity } = await decode(text, { trust, at: AT });
    const [face] = identity.face ?? [];
    assert.ok(face && identity.face?.length === 1);
    assert.deepEqual([face.format, face.subFormat], [0, encoder.subFormat]);
    assert.equal(face.data.length, fitted.bytes);
    const drawn = await sharp(face.data).metadata();
    assert.equal(drawn.format, format === 'avif' ? 'heif' : format);
    // The camera lay on its side: what was higher than wide is wider than high, and says so no longer.
    assert.ok((drawn.width ?? 0) > (drawn.height ?? 0));
    assert.deepEqual([drawn.orientation, drawn.exif, drawn.icc], [undefined, undefined, undefined]);
    assert.ok(Math.max(drawn.width ?? 0, drawn.height ?? 0) === fitted.maxSide);
  });

test('more room makes a larger photo, and less contrast of colours a larger one still', async () => {
  const photo = await portrait();
  const fit = (maxQrVersion: number, grey: boolean) =>
    fitPhoto(IDENTITY, META, photo, {
      algorithm: 'ES256',
      encoder: sharpPhotos(sharp, { grey }),
      maxQrVersion,
    });
  const [small, large, grey] = [await fit(20, false), await fit(40, false), await fit(40, true)];
  assert.ok(small.bytes < large.bytes);
  assert.ok(small.maxSide < large.maxSide);
  assert.ok(grey.maxSide * 100 + grey.quality >= large.maxSide * 100 + large.quality);
});

/** As many bytes as there are pixels on a side times the quality over ten; they do not compress. */
const counting = (asked: string[] = []): PhotoEncoder => ({
  subFormat: 4,
  encode(_photo, { maxSide, quality }) {
    asked.push(`${maxSide}/${quality}`);
    return crypto.getRandomValues(new Uint8Array(Math.ceil((maxSide * quality) / 10)));
  },
});

const fitting = (more: Partial<FitPhotoOptions>) =>
  fitPhoto(IDENTITY, META, new Uint8Array(9), { algorithm: 'EdDSA', encoder: counting(), ...more });

test('a budget in bytes is kept: the largest side that is worth it, then the best quality', async () => {
  for (const [maxBytes, maxSide, quality] of [
    [480, 160, 30],
    [600, 200, 30],
    [640, 200, 32],
    [144, 48, 30],
    [1500, 480, 31],
  ] as const) {
    const fitted = await fitting({ maxBytes });
    assert.deepEqual([fitted.maxSide, fitted.quality], [maxSide, quality], String(maxBytes));
    assert.ok(fitted.bytes <= maxBytes);
  }
  const tooMuch = fitting({ maxBytes: 100_000 });
  await assert.rejects(tooMuch, failsWith('ARGUMENT_INVALID', { field: 'identity' }));
  const floor = await fitting({ maxBytes: 480, minQuality: 50 });
  assert.deepEqual([floor.maxSide, floor.quality], [96, 50]);
});

test('a budget of a QR version leaves hardly any room', async (t) => {
  const { signer } = await issuerFor(t);
  for (const [errorLevel, maxQrVersion] of [
    ['L', 18],
    ['H', 30],
  ] as const) {
    const sides = Array.from({ length: 400 }, (_, at) => 440 - at);
    const fitted = await fitting({ maxQrVersion, errorLevel, sides, minQuality: 30, maxQuality: 30 });
    assert.equal(fitted.size.qrVersion, maxQrVersion);
    const { qrVersion } = await encode(fitted.identity, META, { signer, errorLevel });
    assert.equal(qrVersion, maxQrVersion);
    const one = {
      ...fitted.identity,
      face: [{ data: crypto.getRandomValues(new Uint8Array(fitted.bytes + 18)) }],
    };
    assert.equal((await encode(one, META, { signer, errorLevel })).qrVersion, maxQrVersion + 1);
  }
});

test('both budgets hold, and encryption leaves less room', async (t) => {
  const { freshKey } = await import('../../../support/fresh-key.ts');
  const encryptTo = await freshKey(t, 'A256GCM');
  const open = await fitting({ maxQrVersion: 20 });
  const closed = await fitting({ maxQrVersion: 20, encryptTo });
  assert.ok(closed.size.qrVersion <= 20 && closed.bytes < open.bytes);
  assert.ok((await fitting({ maxQrVersion: 20, maxBytes: 200 })).bytes <= 200);
});

test('a photo that was there before is replaced, and everything else stays', async () => {
  const before = { ...IDENTITY, face: [{ data: Uint8Array.of(1) }, { data: Uint8Array.of(2) }] };
  const { identity } = await fitPhoto(before, META, new Uint8Array(9), {
    algorithm: 'EdDSA',
    encoder: counting(),
    maxBytes: 300,
  });
  assert.equal(identity.face?.length, 1);
  assert.deepEqual({ ...identity, face: undefined }, { ...IDENTITY, face: undefined });
});

test('no room, no budget, and an encoder that is none, are ARGUMENT_INVALID', async () => {
  const refused = (field: string) => failsWith('ARGUMENT_INVALID', { field });
  await assert.rejects(fitting({ maxBytes: 10 }), refused('photo'));
  await assert.rejects(fitting({ maxQrVersion: 3 }), refused('photo'));
  await assert.rejects(fitting({}), refused('maxBytes'));
  await assert.rejects(fitting({ maxQrVersion: 41 }), refused('maxQrVersion'));
  await assert.rejects(fitting({ maxBytes: 100, minQuality: 80, maxQuality: 20 }), refused('minQuality'));
  const none = { subFormat: 4, encode: () => undefined } as unknown as PhotoEncoder;
  await assert.rejects(fitting({ maxBytes: 100, encoder: none }), refused('encoder'));
  const broken = new Error('not an image');
  const failing: PhotoEncoder = {
    subFormat: 4,
    encode() {
      throw broken;
    },
  };
  await assert.rejects(fitting({ maxBytes: 100, encoder: failing }), (error) => error === broken);
});

test('a fitted credential verifies', async (t) => {
  const { signer } = await issuerFor(t);
  const { identity } = await fitting({ maxQrVersion: 15 });
  const { text } = await encode(identity, META, { signer });
  const trust = await createTrust(signer.publicKey);
  assert.equal((await decode(text, { trust, at: AT })).isVerified(), true);
});
