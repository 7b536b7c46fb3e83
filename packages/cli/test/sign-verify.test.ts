import assert from 'node:assert/strict';
import { verify as nodeVerify } from 'node:crypto';
import { statSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { assertLoads } from './support/loaded.ts';
import { PROTECTION, sandbox } from './support/sandbox.ts';

const box = sandbox();
const { path, ok, run, spawn, fails, generate, write, read } = box;

// Bytes that are no text, and a line end that must not be lost.
const CONTENT = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a);
write('content', CONTENT);
write('other', Uint8Array.of(0xff, 0x00, 0x0d));

const made = { EC: generate('ES256', 'EC'), OKP: generate('Ed25519', 'OKP'), RSA: generate('PS256', 'RSA') };
for (const [name, { publicKeyPem }] of Object.entries(made)) write(`${name}.pem`, publicKeyPem ?? '');

const REJECTED = (algorithm: string, keyId: string) =>
  `the signature is not valid (VERIFICATION_FAILED check=signature algorithm=${algorithm} keyId=${keyId})`;

test('raw is the default, r‖s for ECDSA, and its bytes alone', () => {
  const { status, stdout, stderr } = spawn(['sign', 'content', '--key', 'EC']);
  assert.deepEqual([status, stdout.length], [0, 64]);
  assert.match(stderr, PROTECTION);
  const key = { key: made.EC.publicKeyPem ?? '', dsaEncoding: 'ieee-p1363' } as const;
  assert.ok(nodeVerify('sha256', CONTENT, key, stdout));
});

test('der is what OpenSSL writes, and base64 is one line', () => {
  const der = spawn(['sign', 'content', '--key', 'EC', '--format', 'der']).stdout;
  assert.ok(nodeVerify('sha256', CONTENT, made.EC.publicKeyPem ?? '', der));
  const line = ok(['sign', 'content', '--key', 'OKP', '--format', 'base64']);
  assert.match(line, /^[A-Za-z0-9+/]{86}==\n$/);
  assert.ok(nodeVerify(null, CONTENT, made.OKP.publicKeyPem ?? '', Buffer.from(line, 'base64')));
});

test('der is refused for a signature that has no DER form', () => {
  const line = 'der is a form of ECDSA signatures (ARGUMENT_INVALID field=format';
  fails(['sign', 'content', '--key', 'OKP', '--format', 'der'], 64, `${line} algorithm=Ed25519)`);
  write('any.sig', new Uint8Array(64));
  fails(
    ['verify', 'content', '--signature', 'any.sig', '--format', 'der', '--trust', 'OKP.pem'],
    64,
    `${line})`,
  );
});

for (const format of ['raw', 'der', 'base64'] as const)
  test(`${format} verifies, and not for another content`, () => {
    write(`EC.${format}`, spawn(['sign', 'content', '--key', 'EC', '--format', format]).stdout);
    const args = ['--signature', `EC.${format}`, '--format', format, '--trust', 'EC.pem'];
    assert.equal(ok(['verify', 'content', ...args]), 'verified\n');
    fails(['verify', 'other', ...args], 1, REJECTED('ES256', made.EC.keyId));
  });

for (const format of ['jws', 'cose'] as const) {
  test(`${format} carries the content`, () => {
    write(`whole.${format}`, spawn(['sign', 'content', '--key', 'EC', '--format', format]).stdout);
    const args = ['verify', `whole.${format}`, '--format', format, '--trust', 'EC.pem'];
    assert.equal(ok([...args, '--out', 'taken-out']), 'verified\n');
    assert.deepEqual(new Uint8Array(read('taken-out')), CONTENT);
    // The content is in there: it cannot be brought as well.
    fails(
      ['verify', 'content', '--signature', ...args.slice(1)],
      64,
      'the payload is attached (ARGUMENT_INVALID field=payload)',
    );
  });

  test(`${format} --detached verifies with its content, and not with another`, () => {
    const { stdout } = spawn(['sign', 'content', '--key', 'EC', '--format', format, '--detached']);
    write(`detached.${format}`, stdout);
    if (format === 'jws') assert.match(String(stdout), /^[\w-]+\.\.[\w-]{86}\n$/);
    const args = ['--signature', `detached.${format}`, '--format', format, '--trust', 'EC.pem'];
    assert.equal(ok(['verify', 'content', ...args]), 'verified\n');
    assert.equal(run(['verify', 'other', ...args]).status, 1);
  });
}

test('a jws in JSON verifies like one in compact text, whole and detached', () => {
  const compact = ok(['sign', 'content', '--key', 'EC', '--format', 'jws']).trim();
  const [header, payload, signature] = compact.split('.');
  const one = { protected: header, signature };
  write('flattened.jws', `${JSON.stringify({ payload, ...one }, undefined, 2)}\n`);
  write('general.jws', JSON.stringify({ payload, signatures: [one] }));
  write('apart.jws', JSON.stringify(one));
  const args = ['--format', 'jws', '--trust', 'EC.pem'];
  assert.equal(ok(['verify', 'flattened.jws', ...args]), 'verified\n');
  assert.equal(ok(['verify', 'general.jws', ...args]), 'verified\n');
  assert.equal(ok(['verify', 'content', '--signature', 'apart.jws', ...args]), 'verified\n');
  assert.equal(run(['verify', 'other', '--signature', 'apart.jws', ...args]).status, 1);
});

test('verify --json says by which key, how, and every check', () => {
  write('EC.sig', spawn(['sign', 'content', '--key', 'EC']).stdout);
  const report = JSON.parse(
    ok(['verify', 'content', '--signature', 'EC.sig', '--trust', 'EC.pem', '--json']),
  );
  const { checks, ...rest } = report;
  assert.deepEqual(rest, {
    verified: true,
    algorithm: 'ES256',
    keyId: made.EC.keyId,
    fingerprint: made.EC.fingerprint,
  });
  assert.deepEqual(checks.at(-1), { name: 'signature', passed: true });
});

test('the content and the signature may each come from standard input, and not both', () => {
  const signature = spawn(['sign', '-', '--key', 'OKP'], { input: CONTENT }).stdout;
  write('OKP.sig', signature);
  assert.equal(
    ok(['verify', '-', '--signature', 'OKP.sig', '--trust', 'OKP.pem'], { input: CONTENT }),
    'verified\n',
  );
  assert.equal(
    ok(['verify', 'content', '--signature', '-', '--trust', 'OKP.pem'], { input: signature }),
    'verified\n',
  );
  fails(
    ['verify', '-', '--signature', '-', '--trust', 'OKP.pem'],
    64,
    'standard input cannot be both (ARGUMENT_INVALID field=signature)',
  );
});

test('standard input loses nothing', () => {
  const signature = spawn(['sign', '-', '--key', 'OKP'], { input: 'line\n' }).stdout;
  assert.ok(nodeVerify(null, Buffer.from('line\n'), made.OKP.publicKeyPem ?? '', signature));
});

test('a key with several algorithms is 64 until --algorithm says which', () => {
  write('RSA.sig', spawn(['sign', 'content', '--key', 'RSA']).stdout);
  const args = ['verify', 'content', '--signature', 'RSA.sig', '--trust', 'RSA.pem'];
  fails(
    args,
    64,
    'a trusted key has several algorithms: --algorithm says which (ARGUMENT_INVALID field=algorithm)',
  );
  assert.equal(ok([...args, '--algorithm', 'PS256']), 'verified\n');
  fails([...args, '--algorithm', 'RS256'], 1, REJECTED('RS256', made.RSA.keyId));
  fails(
    [...args, '--algorithm', 'A256GCM'],
    64,
    'not a signature algorithm (ARGUMENT_INVALID algorithm=A256GCM field=algorithm)',
  );
  fails([...args, '--algorithm', 'ROT13'], 69, 'unknown algorithm (UNSUPPORTED algorithm=ROT13)');
});

test('one of several trusted keys is enough, of whatever kind', () => {
  write('EC.sig', spawn(['sign', 'content', '--key', 'EC']).stdout);
  const args = ['verify', 'content', '--signature', 'EC.sig'];
  assert.equal(ok([...args, '--trust', 'OKP.pem', '--trust', 'EC.pem']), 'verified\n');
  fails([...args, '--trust', 'OKP.pem'], 1, REJECTED('Ed25519', made.OKP.keyId));
});

test('trust is a file in any form, or a short form', () => {
  write('OKP.sig', spawn(['sign', 'content', '--key', 'OKP']).stdout);
  const { jwk } = JSON.parse(ok(['key', 'public', 'OKP', '--json']));
  const raw = Buffer.from(jwk.x, 'base64url').toString('hex');
  write('OKP.jwk', JSON.stringify(jwk));
  write('OKP.jwks', JSON.stringify({ keys: [jwk] }));
  write('OKP.json', JSON.stringify({ issuer: raw }));
  for (const trust of ['OKP.jwk', 'OKP.jwks', 'OKP.json', `ed25519:${raw}`, JSON.stringify(jwk)])
    assert.equal(ok(['verify', 'content', '--signature', 'OKP.sig', '--trust', trust]), 'verified\n', trust);
  fails(
    ['verify', 'content', '--signature', 'OKP.sig', '--trust', 'missing.pem'],
    64,
    'neither a file nor the text of a public key (ARGUMENT_INVALID field=trust)',
  );
  write('noise', 'noise');
  assert.equal(run(['verify', 'content', '--signature', 'OKP.sig', '--trust', 'noise']).status, 65);
});

test('a revoked key is 1, and the check says so', () => {
  write('OKP.sig', spawn(['sign', 'content', '--key', 'OKP']).stdout);
  const { jwk } = JSON.parse(ok(['key', 'public', 'OKP', '--json']));
  write('revoked.jwk', JSON.stringify({ ...jwk, revoked: { revoked_at: 1 } }));
  const args = ['verify', 'content', '--signature', 'OKP.sig', '--json'];
  for (const trust of [['revoked.jwk'], ['EC.pem', 'revoked.jwk']]) {
    const { status, stderr } = run([...args, ...trust.flatMap((one) => ['--trust', one])]);
    assert.deepEqual([status, JSON.parse(stderr).error.details.check], [1, 'key.revoked']);
  }
});

test('what is missing is 64', () => {
  fails(
    ['verify', 'content', '--signature', 'x'],
    64,
    '--trust says whose signatures count (ARGUMENT_INVALID field=trust)',
  );
  fails(
    ['verify', 'content', '--trust', 'EC.pem'],
    64,
    '--signature is missing (ARGUMENT_INVALID field=signature)',
  );
  fails(['sign', 'missing', '--key', 'EC'], 64, 'no such file (ARGUMENT_INVALID path=missing)');
  fails(['sign', '.', '--key', 'EC'], 64, 'a folder, where a file was expected (ARGUMENT_INVALID path=.)');
});

test('a signature that is not in its format is 65', () => {
  write('noise', 'noise');
  const verify = (format: string) => [
    'verify',
    'content',
    '--signature',
    'noise',
    '--format',
    format,
    '--trust',
    'EC.pem',
  ];
  fails(verify('base64'), 65, 'not base64 (MALFORMED field=signature)');
  for (const format of ['der', 'jws', 'cose']) assert.equal(run(verify(format)).status, 65, format);
  assert.equal(run(verify('raw')).status, 1);
});

test('--out writes a file in place of one that is there, and through a link', () => {
  write('out.sig', 'before');
  symlinkSync(path('out.sig'), path('link.sig'));
  assert.equal(ok(['sign', 'content', '--key', 'EC', '--out', 'link.sig']), '');
  assert.equal(statSync(path('out.sig')).size, 64);
  assert.equal(ok(['verify', 'content', '--signature', 'out.sig', '--trust', 'EC.pem']), 'verified\n');
  fails(
    ['sign', 'content', '--key', 'EC', '--out', 'no/such/folder'],
    64,
    'no such file (ARGUMENT_INVALID path=no/such/folder)',
  );
});

test('signing by a key of the store loads nothing of others, and nothing of another backend', () => {
  assertLoads(box, 'file:OKP', {}, { provider: 'file', backend: 'file-store.ts', packages: [] });
});
