// A persistent signer that does one thing wrong: node odd-signer.mjs KEY.pem ODDITY-AS-JSON
import { spawn } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const [path, json] = process.argv.slice(2);
const odd = JSON.parse(json);
const key = { key: createPrivateKey(readFileSync(path)), dsaEncoding: 'ieee-p1363' };

function send(value) {
  const body = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}

if (odd.exitAt === 'start') process.exit(3);
if (odd.child) {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'inherit' });
  writeFileSync(odd.child, String(child.pid));
}
if (!odd.silent) {
  send(odd.hello ?? { hello: { contract: '1.0', keys: [{ key: 'issuer', alg: 'ES256' }] } });
}
if (odd.stays) setInterval(() => {}, 1000);

const held = [];
const gated = [];

/** Replies in the order of the requests, once the gate is there. */
function whenOpen(answer) {
  gated.push(answer);
  if (gated.length > 1) return;
  const look = setInterval(() => {
    if (!existsSync(odd.gate)) return;
    clearInterval(look);
    for (const one of gated.splice(0)) one();
  }, 10);
  // It ends with its stdin, whatever it has not replied to.
  look.unref();
}

function reply(request) {
  const message = Buffer.from(request.m ?? request.d, 'base64');
  const answer = () => {
    if (odd.raw) process.stdout.write(Buffer.from(odd.raw, 'hex'));
    else if (odd.reply) send({ id: request.id, ...odd.reply });
    else send({ id: request.id, s: sign('sha256', message, key).toString('base64') });
  };
  if (odd.count) appendFileSync(odd.count, `${process.pid}\n`);
  if (odd.exitAt === 'request') process.exit(3);
  if (odd.mute) return;
  if (odd.gate && message[0] === 0x73) whenOpen(answer);
  else if (odd.reverse) {
    held.unshift(answer);
    if (held.length === odd.reverse) for (const one of held.splice(0)) one();
  } else answer();
}

let bytes = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  bytes = Buffer.concat([bytes, chunk]);
  while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
    const end = 4 + bytes.readUInt32BE();
    reply(JSON.parse(bytes.subarray(4, end).toString()));
    bytes = bytes.subarray(end);
  }
});
