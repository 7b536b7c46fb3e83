// The signer command of LAP's gateway: base64 and a line feed in, base64 out.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../../scripts/components/index.ts';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { EXAMPLES, folderFor, keyPair, onceSigner, PATH, script, signerOf } from './support.ts';

interface LapVectors {
  readonly key: { readonly seed_hex: string; readonly public_key_hex: string };
  readonly cases: readonly {
    readonly type: string;
    readonly stdin_utf8: string;
    readonly stdout_utf8: string;
  }[];
}

const lap = vectors('lap/generated_vectors.json');
const openssl = component('openssl');
const skip = lap.missing ?? openssl.missing ?? false;
// RFC 8410 §7: PKCS #8 around the 32 bytes of an Ed25519 key.
const PKCS8 = '302e020100300506032b657004220420';

function readVectors() {
  const { key, cases } = JSON.parse(readFileSync(lap.path, 'utf8')) as LapVectors;
  const found = cases.find(({ type }) => type === 'external_signer_contract');
  assert.ok(found);
  return { key, stdin: found.stdin_utf8, stdout: found.stdout_utf8 };
}

const LAP = {
  algorithm: 'Ed25519',
  stdin: 'base64',
  lineFeed: true,
  output: 'base64',
  env: { PATH },
} as const;

test('a program is given what LAP gives it, and is understood as LAP understands it', { skip }, async (t) => {
  const { key, stdin, stdout } = readVectors();
  const folder = folderFor(t);
  const given = join(folder, 'stdin');
  const command = [script(folder, 'signer', `cat > ${given}; printf %s '${stdout.trim()}'`)];
  const publicKey = `ed25519:${key.public_key_hex}`;
  const signer = await signerOf(t, { ...onceSigner({ path: '', publicKey }), ...LAP, command });
  const message = Buffer.from(stdin, 'base64');
  const signature = await signer.sign(message);
  assert.equal(readFileSync(given, 'utf8'), stdin);
  assert.equal(Buffer.from(signature).toString('base64'), stdout.trim());
});

test('the shell example signs as the vector says', { skip }, async (t) => {
  const { key, stdin, stdout } = readVectors();
  const folder = folderFor(t);
  const path = join(folder, 'seed.pem');
  const der = Buffer.from(PKCS8 + key.seed_hex, 'hex').toString('base64');
  writeFileSync(path, `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`, { mode: 0o600 });
  const command = [join(EXAMPLES, 'lap.sh'), path];
  const publicKey = `ed25519:${key.public_key_hex}`;
  const signer = await signerOf(t, { ...onceSigner({ path, publicKey }), ...LAP, command });
  const signature = await signer.sign(Buffer.from(stdin, 'base64'));
  assert.equal(encodeHex(signature), Buffer.from(stdout, 'base64').toString('hex'));
});

test('a program that signs the base64 instead of the message is SIGNER_MISMATCH', {
  skip: openssl.missing ?? false,
}, async (t) => {
  const folder = folderFor(t);
  const pair = keyPair(folder, 'Ed25519');
  const text = `cat > ${folder}/m; openssl pkeyutl -sign -rawin -inkey ${pair.path} -in ${folder}/m | base64 -w0`;
  const signer = await signerOf(t, {
    ...onceSigner(pair),
    ...LAP,
    command: [script(folder, 'signer', text)],
  });
  await assert.rejects(signer.sign(new TextEncoder().encode('hello')), { code: 'SIGNER_MISMATCH' });
});
