import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDer } from '../../../src/core/x509/strict-der.ts';
import { der, derTag } from '../../../src/encoding/der.ts';
import { failsWith } from '../../support/failures.ts';

function nested(depth: number): Uint8Array {
  let bytes: Uint8Array = der(derTag.null);
  for (let i = 1; i < depth; i++) bytes = der(derTag.sequence, bytes);
  return bytes;
}

test('sixteen elements inside each other are DER, and seventeen are refused', () => {
  checkDer(nested(16), 'x');
  assert.throws(() => checkDer(nested(17), 'x'), failsWith('MALFORMED', { field: 'x' }));
});

const BER: Readonly<Record<string, readonly number[]>> = {
  'an indefinite length': [0x30, 0x80, 0, 0],
  'an indefinite length inside': [0x30, 4, 0x30, 0x80, 0, 0],
  'a length that is not minimal': [0x30, 0x81, 2, 5, 0],
  'a length beyond the end': [0x30, 3, 5, 0],
  'a length beyond the element around it': [0x30, 2, 4, 1, 0],
  'a tag above 30': [0x30, 3, 0x1f, 0x1f, 0],
  'bytes after the end': [5, 0, 0],
  'no bytes': [],
};

for (const [title, bytes] of Object.entries(BER)) {
  test(`${title} is MALFORMED`, () => {
    assert.throws(() => checkDer(Uint8Array.from(bytes), 'x'), failsWith('MALFORMED', { field: 'x' }));
  });
}
