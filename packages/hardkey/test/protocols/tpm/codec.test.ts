import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attest } from '../../../src/protocols/tpm/attest.ts';
import {
  decodeTpm,
  encodeTpm,
  list,
  sized,
  sizedOf,
  u16,
  u64,
  yesNo,
} from '../../../src/protocols/tpm/codec.ts';
import { decodeResponse, responseLength } from '../../../src/protocols/tpm/command.ts';
import { publicArea } from '../../../src/protocols/tpm/public-area.ts';
import { isNotBegun, parseResponseCode } from '../../../src/protocols/tpm/response-code.ts';
import { otherStorageTemplates, storageTemplate } from '../../../src/protocols/tpm/templates.ts';
import { failsWith } from '../../support/failures.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('numbers are big-endian and keep all their bits', () => {
  const most = 2n ** 64n - 1n;
  assert.deepEqual(encodeTpm(u64, most), bytes('ffffffffffffffff'));
  assert.equal(decodeTpm(u64, bytes('8000000000000001'), 'n'), 2n ** 63n + 1n);
  assert.deepEqual(encodeTpm(u16, 0x1234), bytes('1234'));
});

test('what is too short, too long or has more behind it is MALFORMED, with field and offset', () => {
  for (const [codec, given, offset] of [
    [u16, '12', 0],
    [u16, '1234 56', 2],
    [sized(4), '0005 0000000000', 2],
    [sized(4), '0003 0000', 2],
    [sizedOf(u16), '0003 123456', 4],
    [sizedOf(u16), '0001 12', 2],
    [list(u16, 2), '00000003 000100020003', 4],
    [list(u16, 9), 'ffffffff', 4],
    [yesNo, '02', 1],
    [attest, 'ff544348 8017', 4],
  ] as const) {
    const read = (): unknown => decodeTpm(codec as typeof u16, bytes(given), 'thing');
    assert.throws(read, failsWith('MALFORMED', { offset }), given);
  }
  const cut = encodeTpm(publicArea, storageTemplate).subarray(0, 9);
  assert.throws(() => decodeTpm(publicArea, cut, 'key'), failsWith('MALFORMED', { field: 'key.authPolicy' }));
});

test('identifiers that are not known are UNSUPPORTED, with field and offset', () => {
  const area = encodeTpm(publicArea, storageTemplate);
  area[1] = 0x25;
  const read = (): unknown => decodeTpm(publicArea, area, 'key');
  assert.throws(read, failsWith('UNSUPPORTED', { field: 'key.type', offset: 2 }));
});

test('every template is read as it was written', () => {
  for (const template of [storageTemplate, ...otherStorageTemplates]) {
    assert.deepEqual(decodeTpm(publicArea, encodeTpm(publicArea, template), 'key'), template);
  }
});

test('a response says how long it is, within bounds', () => {
  assert.equal(responseLength(bytes('8001 000000')), undefined);
  assert.equal(responseLength(bytes('8001 0000000a')), 10);
  for (const wrong of ['8001 00000009', '8001 00001001', '8001 ffffffff']) {
    assert.throws(() => responseLength(bytes(wrong)), failsWith('MALFORMED', { field: 'tpm.response.size' }));
  }
});

test('a response with another length, tag or rest than it should have is MALFORMED', () => {
  for (const wrong of [
    '8001 0000000b 00000000',
    '8001 0000000b 00000101 00',
    '00c4 0000000a 00000000',
    '8002 0000000a 00000000',
    '8002 0000000e 00000000 00000001',
  ]) {
    assert.throws(() => decodeResponse(bytes(wrong), false), failsWith('MALFORMED'), wrong);
  }
  assert.equal(decodeResponse(bytes('8001 0000000a 00000922'), true).code, 0x922);
});

test('a response code is taken apart into its error and what it is about', () => {
  for (const [code, error, kind, number] of [
    [0x98e, 0x8e, 'session', 1],
    [0x3e0, 0xa0, 'parameter', 3],
    [0x2e6, 0xa6, 'parameter', 2],
    [0x1df, 0x9f, 'parameter', 1],
    [0x18b, 0x8b, 'handle', 1],
  ] as const) {
    assert.deepEqual(parseResponseCode(code), { error, subject: { kind, number } });
  }
  assert.deepEqual(parseResponseCode(0x922), { error: 0x922 });
  assert.deepEqual([0x922, 0x908, 0x90a, 0x921, 0x98e].map(isNotBegun), [true, true, true, false, false]);
});
