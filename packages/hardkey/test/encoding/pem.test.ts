import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePem, encodePem, isPem } from '../../src/encoding/pem.ts';
import { malformedAt } from './failure.ts';

const refused = (text: string, offset: number): void => malformedAt(() => decodePem(text), 'pem', offset);
const ONE = '-----BEGIN A KEY-----\nAQID\n-----END A KEY-----\n';

test('what node:crypto writes is read, and what we write is the same', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const der = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
  deepStrictEqual(decodePem(pem), [{ label: 'PUBLIC KEY', bytes: der }]);
  strictEqual(encodePem('PUBLIC KEY', der), pem);
});

test('blocks come in order, and the text around them is skipped', () => {
  const text = `subject: CN=a\n${ONE}between -----\n${ONE.replaceAll('A KEY', 'X9.42 DH PARAMETERS')}after\n`;
  deepStrictEqual(
    decodePem(text).map(({ label }) => label),
    ['A KEY', 'X9.42 DH PARAMETERS'],
  );
});

test('line ends may be CRLF, and lines of any length', () => {
  deepStrictEqual(decodePem(ONE.replaceAll('\n', '\r\n'))[0]?.bytes, Uint8Array.of(1, 2, 3));
  deepStrictEqual(decodePem(ONE.replace('AQID', 'AQ\n\n  ID\t'))[0]?.bytes, Uint8Array.of(1, 2, 3));
  deepStrictEqual(decodePem(ONE.replace('AQID\n', 'AQID'))[0]?.bytes, Uint8Array.of(1, 2, 3));
  deepStrictEqual(decodePem(ONE.trimEnd()).length, 1);
});

test('a text without a block is MALFORMED', () => {
  refused('', 0);
  refused('AQID', 0);
  strictEqual(isPem('AQID'), false);
  strictEqual(isPem(ONE), true);
});

test('a block without its own end is MALFORMED where it begins', () => {
  refused('-----BEGIN A KEY-----\nAQID\n', 0);
  refused(`${ONE}-----BEGIN A KEY-----\nAQID\n-----END B KEY-----\n`, ONE.length);
  refused('x\n-----BEGIN A KEY', 2);
  refused('-----BEGIN -----\nAQID\n-----END -----\n', 0);
  refused('-----BEGIN  A-----\nAQID\n-----END  A-----\n', 0);
});

test('a block inside another is MALFORMED, and so is an end whose beginning is lost', () => {
  refused(`-----BEGIN B-----\n${ONE}-----END B-----\n`, 0);
  refused(`AQID\n-----END A KEY-----\n${ONE}`, 5);
  refused(`${ONE}AQID\n-----END A KEY-----\n`, ONE.length + 5);
});

test('a block that is not base64 within is MALFORMED where it begins', () => {
  for (const body of [
    'AQI',
    'AQ=D',
    'AQIDA===',
    'AQ*D',
    'Proc-Type: 4,ENCRYPTED\n\nAQID',
    'AQ\u00a0ID',
    'AR==',
  ]) {
    refused(`${ONE}${ONE.replace('AQID', body)}`, ONE.length);
  }
  refused(ONE.replace('-----\nAQID', '-----AQID'), 0);
});

test('a block that begins within the last line of another is refused, and not lost', () => {
  const two = ONE.trimEnd() + ONE;
  for (let shared = 1; shared < 5; shared++) {
    refused(two.replace('----------', '-'.repeat(10 - shared)), ONE.length - 1 - shared);
  }
  strictEqual(decodePem(two).length, 2);
});

test('a megabyte of beginnings is refused at once', () => {
  const started = performance.now();
  refused('-----BEGIN A-----\n'.repeat(60_000), 0);
  refused(`${'-----BEGIN A-----\nAQID\n-----END A-----\n'.repeat(30_000)}-----BEGIN A-----\n`, 39 * 30_000);
  ok(performance.now() - started < 2_000);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const pem = encodePem('PUBLIC KEY', bytes);
      deepStrictEqual(decodePem(pem), [{ label: 'PUBLIC KEY', bytes: Uint8Array.from(bytes) }]);
      ok(pem.split('\n').every((line) => line.length <= 64));
    }),
  );
});
