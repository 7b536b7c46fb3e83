// A signer for hardkey's exec provider that stays: frames of four bytes of length and JSON on stdin
// and stdout. Arguments: the name of the key and the file of its private half (ES256).
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [name, file] = process.argv.slice(2);
const privateKey = createPrivateKey(readFileSync(file));

function send(message) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}

function answer({ id, op, key, alg, m }) {
  if (key !== name) return { id, e: { code: 'KEY_NOT_FOUND', retryable: false, message: 'no such key' } };
  if (op !== 'sign' || alg !== 'ES256')
    return { id, e: { code: 'UNSUPPORTED', retryable: false, message: 'not this' } };
  const given = { key: privateKey, dsaEncoding: 'ieee-p1363' };
  return { id, s: sign('sha256', Buffer.from(m, 'base64'), given).toString('base64') };
}

send({ hello: { contract: '1.0', keys: [{ key: name, alg: 'ES256' }] } });

let held = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  held = Buffer.concat([held, chunk]);
  while (held.length >= 4 && held.length >= 4 + held.readUInt32BE()) {
    const end = 4 + held.readUInt32BE();
    send(answer(JSON.parse(held.subarray(4, end).toString())));
    held = held.subarray(end);
  }
});
