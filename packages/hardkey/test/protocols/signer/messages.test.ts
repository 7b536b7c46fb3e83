import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { isFailure } from '../../../src/errors.ts';
import { decodeHello, decodeReply, encodeRequest } from '../../../src/protocols/signer/messages.ts';
import { failsWith } from '../../support/failures.ts';

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));
const key = { key: 'issuer', alg: 'ES256' };
const fingerprint = `sha256:${'0a'.repeat(32)}`;

test('a hello names the version and the keys; what it leaves out has defaults', () => {
  assert.deepEqual(decodeHello(json({ hello: { contract: '1.0', keys: [key] } })), {
    keys: [{ ...key, ops: ['sign'] }],
    maxMessage: 1_048_576,
  });
  const full = { ...key, fingerprint, ops: ['sign', 'signDigest'] };
  assert.deepEqual(decodeHello(json({ hello: { contract: '1.0', keys: [full], maxMessage: 4096 } })), {
    keys: [full],
    maxMessage: 4096,
  });
});

test('another version is UNSUPPORTED, whatever else stands in the hello', () => {
  for (const contract of ['1', '1.1', '2.0', '0.9', 1, undefined]) {
    assert.throws(
      () => decodeHello(json({ hello: { contract, keys: 'many', more: 1 } })),
      failsWith('UNSUPPORTED', { field: 'signer.hello.contract' }),
    );
  }
});

test('what is no hello is MALFORMED', () => {
  const hello = (fields: object) => json({ hello: { contract: '1.0', keys: [key], ...fields } });
  for (const body of [
    utf8('{'),
    Uint8Array.of(0xff),
    json([]),
    json(null),
    json('hello'),
    json({}),
    json({ hello: [] }),
    json({ hello: { contract: '1.0', keys: [key] }, more: 1 }),
    hello({ keys: undefined }),
    hello({ keys: {} }),
    hello({ keys: ['issuer'] }),
    hello({ keys: [{ key: 1, alg: 'ES256' }] }),
    hello({ keys: [{ key: 'issuer' }] }),
    hello({ keys: [{ ...key, ops: 'sign' }] }),
    hello({ keys: [{ ...key, ops: ['decrypt'] }] }),
    hello({ keys: [{ ...key, fingerprint: 'sha256:00' }] }),
    hello({ keys: [{ ...key, more: 1 }] }),
    hello({ maxMessage: -1 }),
    hello({ maxMessage: 1.5 }),
    hello({ maxMessage: 2 ** 40 }),
    hello({ more: 1 }),
  ]) {
    assert.throws(() => decodeHello(body), failsWith('MALFORMED'), Buffer.from(body).toString());
  }
});

test('a request is one JSON object with the message or the digest in base64', () => {
  const request = { id: 7, key: 'issuer', alg: 'ES256', data: Uint8Array.of(0xfb, 0xff) };
  assert.deepEqual(JSON.parse(Buffer.from(encodeRequest({ ...request, op: 'sign' })).toString()), {
    id: 7,
    op: 'sign',
    key: 'issuer',
    alg: 'ES256',
    m: '+/8=',
  });
  assert.deepEqual(JSON.parse(Buffer.from(encodeRequest({ ...request, op: 'signDigest' })).toString()), {
    id: 7,
    op: 'signDigest',
    key: 'issuer',
    alg: 'ES256',
    d: '+/8=',
  });
});

test('a reply is a signature or a code, and the text of a failure is not kept', () => {
  assert.deepEqual(decodeReply(json({ id: 3, s: 'AQID' })), { id: 3, signature: Uint8Array.of(1, 2, 3) });
  const error = { code: 'DENIED', retryable: false, message: 'PIN 1234 was wrong' };
  assert.deepEqual(decodeReply(json({ id: 4, e: error })), { id: 4, code: 'DENIED' });
  assert.deepEqual(decodeReply(json({ id: 5, e: { code: 'odd' } })), { id: 5, code: 'odd' });
});

test('what is no reply is MALFORMED', () => {
  for (const value of [
    {},
    { id: 1 },
    { s: 'AQID' },
    { id: '1', s: 'AQID' },
    { id: 1.5, s: 'AQID' },
    { id: -1, s: 'AQID' },
    { id: 1, s: 'AQI' },
    { id: 1, s: 'AQI*' },
    { id: 1, s: 5 },
    { id: 1, s: 'AQID', e: { code: 'DENIED' } },
    { id: 1, e: 'DENIED' },
    { id: 1, e: {} },
    { id: 1, e: { code: 'DENIED', secret: 1 } },
    { id: 1, s: 'AQID', more: 1 },
    [1],
    null,
  ]) {
    assert.throws(() => decodeReply(json(value)), failsWith('MALFORMED'), JSON.stringify(value));
  }
});

test('anything at all is read or MALFORMED or UNSUPPORTED', () => {
  const text = fc.oneof(fc.json(), fc.string()).map(utf8);
  fc.assert(
    fc.property(fc.oneof(text, fc.uint8Array()), (body) => {
      for (const decode of [decodeHello, decodeReply]) {
        try {
          decode(body);
        } catch (error) {
          assert.ok(isFailure(error) && ['MALFORMED', 'UNSUPPORTED'].includes(error.code), String(error));
        }
      }
    }),
  );
});
