import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Identity, photoFormat, photoToFace } from 'hardkey/formats/claim169';
import { failsWith } from '../../support/failures.ts';
import { AT, issuerFor, META } from './support.ts';

const photo = Uint8Array.of(1, 2, 3);

test('the deprecated photo becomes an image of face, with the format it had', async (t) => {
  const { signer, trust } = await issuerFor(t);
  for (const [format, subFormat] of [
    [photoFormat.jpeg, 1],
    [photoFormat.jpeg2000, 2],
    [photoFormat.avif, 3],
    [photoFormat.webp, 4],
  ] as const) {
    const old = await encode({ id: '1', photo, photoFormat: format }, META, { signer });
    const { identity, warnings } = await decode(old.text, { trust, at: AT });
    assert.deepEqual(
      warnings.map(({ code, path }) => [code, path]),
      [
        ['deprecated-field', 'identity.photo'],
        ['deprecated-field', 'identity.photoFormat'],
      ],
    );
    const migrated = photoToFace(identity);
    assert.deepEqual(migrated, { id: '1', face: [{ data: photo, format: 0, subFormat }] });
    const { text, warnings: none } = await encode(migrated, META, { signer });
    assert.deepEqual(none, []);
    assert.deepEqual((await decode(text, { trust, at: AT, strict: true })).identity, migrated);
  }
});

test('a photo joins the faces there are, once, and nothing else changes', () => {
  const face = [{ data: Uint8Array.of(9), format: 0 }] as const;
  assert.deepEqual(photoToFace({ photo }), { face: [{ data: photo, format: 0 }] });
  assert.deepEqual(photoToFace({ photo, face }), { face: [...face, { data: photo, format: 0 }] });
  const same = [{ data: photo, format: 0, subFormat: 1 }];
  assert.deepEqual(photoToFace({ photo, photoFormat: 1, face: same }), { face: same });
  const without: Identity = { id: '1', face };
  assert.equal(photoToFace(without), without);
});

test('a format that has no meaning, or no photo, is ARGUMENT_INVALID', () => {
  const refused = failsWith('ARGUMENT_INVALID', { field: 'identity.photoFormat' });
  for (const identity of [{ photo, photoFormat: 0 }, { photo, photoFormat: 5 }, { photoFormat: 1 }]) {
    assert.throws(() => photoToFace(identity), refused);
  }
  const none = undefined as unknown as Identity;
  assert.throws(() => photoToFace(none), failsWith('ARGUMENT_INVALID', { field: 'identity' }));
});
