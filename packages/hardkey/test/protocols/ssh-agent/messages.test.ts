import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../../src/encoding/hex.ts';
import { sshString, sshUint32 } from '../../../src/encoding/ssh.ts';
import { encodeFrame, ReplyReader } from '../../../src/protocols/ssh-agent/frames.ts';
import {
  decodeIdentities,
  decodeSignResponse,
  encodeRequestIdentities,
  encodeSignRequest,
  signFlags,
  signRequestOverhead,
} from '../../../src/protocols/ssh-agent/messages.ts';
import { failsWith } from '../../support/failures.ts';

const malformed = failsWith('MALFORMED', { field: 'ssh-agent.reply' });
const KEY = Uint8Array.of(1, 2);

test('requests are the bytes of RFC 9987', () => {
  assert.equal(encodeHex(encodeFrame(encodeRequestIdentities())), '000000010b');
  const request = encodeSignRequest({ keyBytes: KEY, data: Uint8Array.of(0xaa), flags: signFlags.rsaSha512 });
  assert.equal(encodeHex(request), '0d00000002010200000001aa00000004');
  assert.equal(signRequestOverhead(KEY), request.length - 1);
});

test('the keys of an agent are read with their comments, of whatever encoding', () => {
  const reply = concat(
    Uint8Array.of(12),
    sshUint32(2),
    sshString(KEY),
    sshString('me@host'),
    sshString(KEY),
    sshString(Uint8Array.of(0xff)),
  );
  assert.deepEqual(decodeIdentities(reply), [
    { keyBytes: KEY, comment: 'me@host' },
    { keyBytes: KEY, comment: '\ufffd' },
  ]);
  assert.deepEqual(decodeIdentities(decodeHex('0c00000000')), []);
});

test('a refusal is DENIED, and any other message MALFORMED', () => {
  assert.throws(() => decodeIdentities(Uint8Array.of(5)), failsWith('DENIED'));
  assert.throws(() => decodeSignResponse(Uint8Array.of(5)), failsWith('DENIED'));
  for (const hex of ['06', '1c', '0e00000000', '']) {
    assert.throws(() => decodeIdentities(decodeHex(hex)), malformed, hex);
  }
  for (const hex of ['0c00000000', '0e', '0e00000001', '0e00000000ff']) {
    assert.throws(() => decodeSignResponse(decodeHex(hex)), malformed, hex);
  }
});

test('a count of keys that are not there is MALFORMED, and sizes nothing', () => {
  for (const hex of ['0cffffffff', '0c00000001', '0c0000000100000000', '0c00000000ff']) {
    assert.throws(() => decodeIdentities(decodeHex(hex)), malformed, hex);
  }
});

test('a reply comes out whole, however it is cut', () => {
  const frame = encodeFrame(Uint8Array.of(5, 6, 7));
  for (let cut = 1; cut < frame.length; cut++) {
    const reader = new ReplyReader();
    assert.equal(reader.push(frame.subarray(0, cut)), undefined);
    assert.deepEqual(Uint8Array.from(reader.push(frame.subarray(cut)) ?? []), Uint8Array.of(5, 6, 7));
  }
});

test('an empty reply, one beyond the limit and a second one are MALFORMED', () => {
  for (const hex of ['00000000', '00040001', 'ffffffff', '000000010505']) {
    assert.throws(() => new ReplyReader().push(decodeHex(hex)), malformed, hex);
  }
});
