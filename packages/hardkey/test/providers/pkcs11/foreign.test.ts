// What others say of keys and signatures of a token: OpenSSL of the signatures, OpenSC of the token itself.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Algorithm, parseKeyRef, type Signer, verify } from 'hardkey';
import { component } from '../../../../../scripts/components/index.ts';
import { ecdsaToDer } from '../../../src/encoding/ecdsa.ts';
import { failsWith } from '../../support/failures.ts';
import {
  missingForTokens,
  nssToken,
  PIN,
  remoteToken,
  softToken,
  type TestToken,
  tpmToken,
} from './support.ts';

const skip = missingForTokens('softhsm2', 'openssl', 'pkcs11-tool') ?? false;
const MESSAGE = Buffer.from('what is signed');

/** OpenSSL's arguments to verify; `-rawin` hashes as the algorithm says. */
const OPENSSL: Readonly<Partial<Record<Algorithm, readonly string[]>>> = {
  ES256: ['-digest', 'sha256'],
  ES384: ['-digest', 'sha384'],
  ES512: ['-digest', 'sha512'],
  ES256K: ['-digest', 'sha256'],
  RS256: ['-digest', 'sha256'],
  RS512: ['-digest', 'sha512'],
  PS256: ['-digest', 'sha256', '-pkeyopt', 'rsa_padding_mode:pss', '-pkeyopt', 'rsa_pss_saltlen:32'],
  PS384: ['-digest', 'sha384', '-pkeyopt', 'rsa_padding_mode:pss', '-pkeyopt', 'rsa_pss_saltlen:48'],
  Ed25519: [],
  Ed448: [],
};

/** Runs OpenSC's tool on the token, logged in. */
function tool(token: TestToken, ...args: readonly string[]): string {
  const env = { ...process.env, ...token.config.modules?.['m']?.env };
  const module = ['--module', component('softhsm2').path, '--token-label', token.label];
  const login = ['--login', '--pin', PIN];
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  return execFileSync(component('pkcs11-tool').path, [...module, ...login, ...args], {
    env,
    stdio: [...stdio],
  }).toString();
}

function file(token: TestToken, name: string, content: Uint8Array | string): string {
  const path = join(token.folder, name);
  writeFileSync(path, content);
  return path;
}

/** Makes a key for each of these algorithms, and asks OpenSSL about what it signs. */
async function verifiedByOpenSsl(token: TestToken, names: readonly Algorithm[]): Promise<void> {
  const provider = token.provider();
  for (const name of names) {
    const bits = /^[RP]S/.test(name) ? { bits: 2048 } : {};
    const key = await provider.create?.(parseKeyRef(token.ref(name)), { algorithm: name, ...bits });
    assert.ok(key?.publicKey);
    const signature = await (key.use(name) as Signer).sign(MESSAGE);
    const signed = name.startsWith('ES') ? ecdsaToDer(signature) : signature;
    const pem = file(token, 'public.pem', key.publicKey.toPem());
    const verifies = (message: Uint8Array): boolean => {
      const files = ['-in', file(token, 'message', message), '-sigfile', file(token, 'signature', signed)];
      const command = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', pem, ...files];
      const { status, stdout } = spawnSync(component('openssl').path, [...command, ...(OPENSSL[name] ?? [])]);
      return status === 0 && /Verified Successfully/.test(stdout.toString());
    };
    assert.equal(verifies(MESSAGE), true, name);
    assert.equal(verifies(Buffer.from('what is not')), false, name);
  }
}

test(
  'OpenSSL verifies every kind of signature of SoftHSM2, and refuses it for another message',
  { skip },
  (t) => verifiedByOpenSsl(softToken(t), Object.keys(OPENSSL) as Algorithm[]),
);

test('OpenSSL verifies what NSS signed', { skip: missingForTokens('nss', 'openssl') ?? false }, (t) =>
  verifiedByOpenSsl(nssToken(t), ['ES256', 'ES384', 'ES512', 'RS256', 'PS256']),
);

test(
  'OpenSSL verifies what came through p11-kit',
  {
    skip: missingForTokens('softhsm2', 'p11-kit', 'openssl') ?? false,
  },
  async (t) => verifiedByOpenSsl(await remoteToken(t), ['ES256', 'ES384', 'RS256', 'PS256']),
);

test(
  'OpenSSL verifies what a TPM signed for tpm2-pkcs11',
  {
    skip: missingForTokens('tpm2-pkcs11', 'swtpm', 'tpm2-abrmd', 'pkcs11-tool', 'openssl') ?? false,
  },
  async (t) => verifiedByOpenSsl(await tpmToken(t), ['ES256', 'ES384', 'RS256']),
);

test('a token behind p11-kit is UNSUPPORTED for what its wire cannot carry', {
  skip: missingForTokens('softhsm2', 'p11-kit') ?? false,
}, async (t) => {
  const token = await remoteToken(t);
  const provider = token.provider();
  for (const algorithm of ['A256GCM', 'A256KW', 'Ed25519', 'ECDH-ES+A128KW'] as const) {
    await assert.rejects(
      async () => provider.create?.(parseKeyRef(token.ref('none')), { algorithm }),
      failsWith('UNSUPPORTED'),
    );
  }
});

test('OpenSC sees a key as we made it', { skip }, async (t) => {
  const token = softToken(t);
  await token
    .provider()
    .create?.(parseKeyRef(token.ref('issuer').replace('?', ';id=%0A%0B?')), { algorithm: 'ES256' });
  const listed = tool(token, '--list-objects', '--type', 'privkey');
  assert.match(
    listed,
    /label: +issuer\n +ID: +0a0b\n +Usage: +sign\n +Access: +sensitive, always sensitive, never extractable, local/,
  );
});

test('OpenSC verifies what we signed, and we verify what it signs with our key', { skip }, async (t) => {
  const token = softToken(t);
  const ref = parseKeyRef(token.ref('issuer').replace('?', ';id=%0A?'));
  const key = await token.provider().create?.(ref, { algorithm: 'ES256' });
  assert.ok(key?.publicKey);
  const digest = createHash('sha256').update(MESSAGE).digest();
  const input = ['--id', '0a', '--mechanism', 'ECDSA', '--input-file', file(token, 'digest', digest)];
  const signature = await key.use('ES256').sign(MESSAGE);
  const given = file(token, 'ours', signature);
  assert.match(tool(token, '--verify', ...input, '--signature-file', given), /Signature is valid/);
  const theirs = join(token.folder, 'theirs');
  tool(token, '--sign', ...input, '--output-file', theirs);
  await verify(key.publicKey, 'ES256', MESSAGE, readFileSync(theirs));
});

test('keys that OpenSC made are opened, listed and used', { skip }, async (t) => {
  const token = softToken(t);
  tool(
    token,
    '--keypairgen',
    '--key-type',
    'EC:prime256v1',
    '--label',
    'theirs',
    '--id',
    '0c',
    '--usage-sign',
  );
  tool(token, '--keypairgen', '--key-type', 'rsa:2048', '--label', 'rsa', '--id', '0d', '--usage-sign');
  const provider = token.provider();
  for (const [label, algorithm] of [
    ['theirs', 'ES256'],
    ['rsa', 'PS256'],
    ['rsa', 'RS512'],
  ] as const) {
    const key = await provider.open(parseKeyRef(token.ref(label)));
    const signer = key.use(algorithm);
    await verify(signer.publicKey, algorithm, MESSAGE, await signer.sign(MESSAGE));
  }
  const found: string[] = [];
  for await (const { ref } of provider.list?.() ?? []) found.push(String(ref));
  assert.deepEqual(found.map((ref) => /object=(\w+);id=(%\w\w)/.exec(ref)?.slice(1)).sort(), [
    ['rsa', '%0D'],
    ['theirs', '%0C'],
  ]);
});
