import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutRecords } from '../../src/commands/claim169/issue/cut.ts';

/** Records of a text that comes in pieces of `size` bytes: the line each begins on, and its text. */
async function cut(text: string, { quoted = false, size = 1000, limit = 100 } = {}) {
  const bytes = new TextEncoder().encode(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const records: [number, string | undefined, number][] = [];
  for await (const together of cutRecords(pieces(), quoted, limit)) {
    for (const { line, bytes: record, end } of together) {
      records.push([line, record && new TextDecoder().decode(record), end]);
    }
  }
  return records;
}

test('lines end in LF or CRLF, the last may not, and empty ones are left out', async () => {
  const text = '\ufeffone\r\n\n\r\ntwo\nthree';
  const expected = [
    [1, 'one', 8],
    [4, 'two', 15],
    [5, 'three', 20],
  ];
  for (let size = 1; size <= 21; size++) assert.deepEqual(await cut(text, { size }), expected, `${size}`);
});

test('a quoted cell may hold line ends and quotes, and its record begins where it begins', async () => {
  const text = 'a,b\n1,"x\n""y"\n\n2,z\n';
  const expected = [
    [1, 'a,b', 4],
    [2, '1,"x\n""y"', 14],
    [5, '2,z', 19],
  ];
  for (let size = 1; size <= 20; size++) {
    assert.deepEqual(await cut(text, { quoted: true, size }), expected, `${size}`);
  }
});

test('what follows a quote that is not closed is no record', async () => {
  assert.deepEqual(await cut('1,"x\n2,y\n3,z\n', { quoted: true }), [[1, '1,"x\n2,y\n3,z', 13]]);
});

test('a record that is too large is not kept, and the next one is read', async () => {
  const long = 'x'.repeat(101);
  for (const size of [1, 7, 1000]) {
    assert.deepEqual(await cut(`${long}\nshort\n`, { size }), [
      [1, undefined, 102],
      [2, 'short', 108],
    ]);
  }
});

test('what a piece completes is there before the next is read, and not all of it at once', async () => {
  const read: string[] = [];
  async function* pieces() {
    for (const text of ['1\n2\n3', '4\n', `${'x\n'.repeat(40)}`]) {
      read.push(text);
      yield new TextEncoder().encode(text);
    }
  }
  const sizes: [read: number, together: number][] = [];
  for await (const together of cutRecords(pieces(), false, 100)) sizes.push([read.length, together.length]);
  assert.deepEqual(sizes, [
    [1, 2],
    [2, 1],
    [3, 32],
    [3, 8],
  ]);
});
