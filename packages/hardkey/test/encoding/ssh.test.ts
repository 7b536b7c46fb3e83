import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concat } from '../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../src/encoding/hex.ts';
import { SshReader, sshString, sshUint32, sshUnsigned } from '../../src/encoding/ssh.ts';
import { malformedAt } from './failure.ts';

const reader = (hex: string): SshReader => new SshReader(decodeHex(hex), 'ssh');

// RFC 4251 §5, "Representation of mpint values".
const MPINTS = [
  ['', '00000000'],
  ['09a378f9b2e332a7', '0000000809a378f9b2e332a7'],
  ['80', '000000020080'],
] as const;

test('integers are written and read as in RFC 4251', () => {
  for (const [magnitude, encoded] of MPINTS) {
    strictEqual(encodeHex(sshUnsigned(decodeHex(magnitude))), encoded);
    strictEqual(encodeHex(reader(encoded).unsigned()), magnitude);
  }
  strictEqual(encodeHex(sshUnsigned(decodeHex('000080'))), '000000020080');
});

test('negative integers, and those with another encoding than the one there is, are MALFORMED', () => {
  // The first two are -1234 and -deadbeef of RFC 4251 §5.
  for (const hex of ['00000002edcc', '00000005ff21524111', '0000000100', '00000002007f', '000000030000ff']) {
    malformedAt(() => reader(hex).unsigned(), 'ssh', 0);
  }
});

test('a length beyond the input is MALFORMED where it ends too early', () => {
  malformedAt(() => reader('000000').uint32(), 'ssh', 0);
  malformedAt(() => reader('00000002aa').string(), 'ssh', 4);
  malformedAt(() => reader('ffffffffaa').string(), 'ssh', 4);
  malformedAt(() => reader('').byte(), 'ssh', 0);
  const outer = reader('00000005000000ffaa');
  malformedAt(() => outer.enter().string(), 'ssh', 8);
});

test('bytes after the end are MALFORMED', () => {
  const input = reader('0000000141ff');
  strictEqual(input.text(), 'A');
  malformedAt(() => input.end(), 'ssh', 5);
});

test('what is written is read', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(0xffff_ffff), fc.uint8Array(), (bytes, number, magnitude) => {
      const input = new SshReader(concat(sshString(bytes), sshUint32(number), sshUnsigned(magnitude)), 'ssh');
      deepStrictEqual(Uint8Array.from(input.string()), bytes);
      strictEqual(input.uint32(), number);
      const start = magnitude.findIndex((byte) => byte !== 0);
      strictEqual(
        encodeHex(input.unsigned()),
        encodeHex(magnitude.subarray(start === -1 ? magnitude.length : start)),
      );
      input.end();
    }),
  );
});
