import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeCose } from 'hardkey/formats/cose';
import { cwtTag, decodeCwt, encodeCwt, tagCwt, untagCwt } from 'hardkey/formats/cwt';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { failsWith } from '../../support/failures.ts';

const sample = vectors('claim169/extra');

test('the tag is 61, in one byte after the head, and is put on and taken off', () => {
  const cose = decodeHex('d28440a04040');
  const token = tagCwt(cose);
  assert.deepEqual([cwtTag, encodeHex(token)], [61, 'd83dd28440a04040']);
  assert.deepEqual(untagCwt(token), { tagged: true, content: cose });
  assert.deepEqual(untagCwt(cose), { tagged: false, content: cose });
});

test('a token without its COSE tag gets no CWT tag (RFC 8392 §6)', () => {
  const refused = failsWith('ARGUMENT_INVALID', { field: 'tagged' });
  for (const hex of ['8440a04040', '', 'a0']) assert.throws(() => tagCwt(decodeHex(hex)), refused);
});

test('a longer head is the same tag, and is refused where the encoding must be deterministic', () => {
  for (const head of ['d9003d', 'da0000003d', 'db000000000000003d']) {
    const bytes = decodeHex(`${head}a0`);
    assert.deepEqual(untagCwt(bytes), { tagged: true, content: decodeHex('a0') });
    const refused = failsWith('MALFORMED', { field: 'cwt', offset: 0 });
    assert.throws(() => untagCwt(bytes, { deterministic: true }), refused);
  }
});

test('nothing else is taken for the tag', () => {
  for (const hex of [
    '',
    'd8',
    'd9003e',
    'd93d00',
    'db00000000000000',
    'dc3d',
    '183d',
    'd23d',
    'd83e',
    'ff',
  ]) {
    const bytes = decodeHex(hex);
    assert.deepEqual(untagCwt(bytes), { tagged: false, content: bytes }, hex);
  }
});

test('the content is a view, and claims that an issuer tagged are read behind it', () => {
  const claims = { issuer: 'https://issuer.example' };
  const bytes = concat(decodeHex('d83d'), encodeCwt(claims));
  const { content } = untagCwt(bytes);
  assert.equal(content.buffer, bytes.buffer);
  assert.deepEqual(decodeCwt(content).claims, claims);
});

test('the worked example of MOSIP has tag 61 before tag 18', { skip: sample.missing ?? false }, () => {
  const file = `${sample.path}/spec-1.2-worked-example-tag61-bstr169.json`;
  const text = readFileSync(file, 'utf8');
  const hex = /d83dd284[0-9a-f]{100,}/i.exec(text)?.[0] ?? '';
  const { tagged, content } = untagCwt(decodeHex(hex.toLowerCase()));
  assert.equal(tagged, true);
  const { kind, elements } = decodeCose(content, { tag: 'required' });
  assert.equal(kind, 'sign1');
  assert.equal(decodeCwt(elements[2] as Uint8Array).claims.issuer, 'www.mosip.io');
});
