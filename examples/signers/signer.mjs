// A signer that stays, in plain Node.js; Ed25519, ES256 and RS256.
//
//   node signer.mjs NAME KEY.pem      mode persistent, key NAME
import { createHash, createPrivateKey, createPublicKey, privateEncrypt, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ALGORITHMS = { ed25519: 'Ed25519', ec: 'ES256', rsa: 'RS256' };
// RFC 8017 §9.2, note 1: what stands before a SHA-256 digest that is signed.
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

const [name, path] = process.argv.slice(2);
const key = createPrivateKey(readFileSync(path));
const algorithm = ALGORITHMS[key.asymmetricKeyType];
const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });

const operations = {
  sign({ m }) {
    const message = Buffer.from(m, 'base64');
    if (algorithm === 'Ed25519') return sign(null, message, key);
    // hardkey wants r and s side by side (RFC 9053 §2.1); for RSA the option changes nothing.
    return sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  },
  signDigest({ d }) {
    return privateEncrypt(key, Buffer.concat([DIGEST_INFO, Buffer.from(d, 'base64')]));
  },
};
const ops = algorithm === 'RS256' ? ['sign', 'signDigest'] : ['sign'];

function send(value) {
  const body = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}

function answer(request) {
  const refuse = (code) => ({ e: { code, retryable: false, message: '' } });
  if (request.key !== name) return refuse('KEY_NOT_FOUND');
  if (request.alg !== algorithm || !ops.includes(request.op)) return refuse('UNSUPPORTED');
  return { s: operations[request.op](request).toString('base64') };
}

const fingerprint = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
send({ hello: { contract: '1.0', keys: [{ key: name, alg: algorithm, fingerprint, ops }] } });

let waiting = [];
let length = 0;
process.stdin.on('data', (chunk) => {
  waiting.push(chunk);
  length += chunk.length;
  // A frame may come in many pieces, and several in one.
  while (length >= 4) {
    const bytes = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
    waiting = [bytes];
    const end = 4 + bytes.readUInt32BE(0);
    if (length < end) return;
    const request = JSON.parse(bytes.toString('utf8', 4, end));
    waiting = [bytes.subarray(end)];
    length -= end;
    send({ id: request.id, ...answer(request) });
  }
});
// The end of stdin is the end of the program: nothing else keeps it.
