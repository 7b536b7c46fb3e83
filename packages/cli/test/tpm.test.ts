// The command with a TPM: every form takes full references, and no settings.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { type Swtpm, startSwtpm, tpm2 } from '../../hardkey/test/support/swtpm.ts';
import { MADE, type Made, sandbox } from './support/sandbox.ts';
import { noTyping, typist } from './support/typing.ts';

const { path, ok, run, fails, read, write, work, environment } = sandbox();
const options = { skip: component('swtpm').missing ?? component('openssl').missing ?? false };
const NONCE = '000102030405060708090a0b0c0d0e0f';

let swtpm: Swtpm;
let end: (() => Promise<void>) | undefined;
before(async () => {
  if (options.skip === false) ({ swtpm, end } = await startSwtpm({ transport: 'tcp' }));
});
after(() => end?.());

const at = (rest: string): string => `tpm:${rest}?device=${swtpm.device}`;

function generate(rest: string, algorithm: string, ...more: readonly string[]): Made {
  const args = ['key', 'generate', '--ref', at(rest), '--algorithm', algorithm, '--json', ...more];
  return JSON.parse(ok(args)) as Made;
}

function openssl(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(component('openssl').path, args, {
    cwd: work,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

test('generate makes a key at a handle, and every command takes its reference', options, () => {
  const made = generate('handle=0x81000100', 'ES256');
  assert.deepEqual(Object.keys(made), MADE);
  const { place, level, facts } = made.custody as {
    place: string;
    level: string;
    facts: Record<string, unknown>;
  };
  assert.deepEqual(
    [made.ref, made.algorithm, place, level],
    [at('handle=0x81000100'), 'ES256', 'tpm', 'attributed'],
  );
  assert.deepEqual(
    ['fixedTPM', 'fixedParent', 'sensitiveDataOrigin', 'persistent'].map((name) => facts[name]),
    [true, true, true, true],
  );
  write('report', 'the report');
  write('issuer.pem', made.publicKeyPem ?? '');
  ok(['sign', 'report', '--key', made.ref, '--format', 'der', '--out', 'report.sig']);
  assert.equal(
    openssl('dgst', '-sha256', '-verify', 'issuer.pem', '-signature', 'report.sig', 'report'),
    'Verified OK\n',
  );
  ok(['sign', 'report', '--key', made.ref, '--format', 'cose', '--out', 'report.cose']);
  ok(['verify', 'report.cose', '--format', 'cose', '--trust', 'issuer.pem']);
  assert.equal(ok(['key', 'public', made.ref]), made.publicKeyPem);
  const listed = JSON.parse(ok(['key', 'list', '--ref', at(''), '--json'])) as { ref: string }[];
  assert.deepEqual(
    listed.map(({ ref }) => ref),
    [made.ref],
  );
  fails(
    ['key', 'generate', '--ref', made.ref, '--algorithm', 'ES256'],
    73,
    `the key exists (KEY_EXISTS provider=tpm ref=${made.ref})`,
  );
});

test('generate makes a key file, of mode 0600', options, () => {
  const made = generate('file=issuer.tpm', 'ES384');
  assert.equal(made.ref, at('file=issuer.tpm'));
  assert.equal(statSync(path('issuer.tpm')).mode & 0o777, 0o600);
  assert.match(read('issuer.tpm').toString(), /^-----BEGIN TSS2 PRIVATE KEY-----\n/);
  write('file.pem', made.publicKeyPem ?? '');
  ok(['sign', 'report', '--key', made.ref, '--out', 'file.sig']);
  ok(['verify', 'report', '--signature', 'file.sig', '--trust', 'file.pem']);
  // The default is used from other folders, too.
  const lasting = made.ref.replace('file=', `file=${work}/`);
  assert.equal(ok(['key', 'set-default', made.ref, '--config', 'default.json']), `${lasting}\n`);
});

test('no key is imported into a TPM', options, () => {
  const { status, stderr } = run(['key', 'import', 'issuer.pem', '--ref', at('file=imported.pem')]);
  assert.equal(status, 69);
  assert.match(stderr, /the provider does not offer this \(UNSUPPORTED operation=import provider=tpm\)/);
});

test('a TPM at a unix socket is one as well', options, async () => {
  const { swtpm: other, end: stop } = await startSwtpm({ transport: 'unix' });
  try {
    assert.match(other.device, /^unix:\//);
    const ref = `tpm:handle=0x81000100?device=${other.device}`;
    const made = JSON.parse(ok(['key', 'generate', '--ref', ref, '--algorithm', 'ES256', '--json'])) as Made;
    assert.equal(made.ref, ref);
    assert.equal(ok(['key', 'public', ref]), made.publicKeyPem);
  } finally {
    await stop();
  }
});

test('claim169 encode signs with a key of a TPM', options, () => {
  write('person.json', JSON.stringify({ id: '1', fullName: 'Jane Doe' }));
  const key = at('handle=0x81000100');
  ok([
    'claim169',
    'encode',
    'person.json',
    '--key',
    key,
    '--issuer',
    'https://example.org',
    '--out',
    'qr.txt',
  ]);
  const shown = ok(['claim169', 'decode', 'qr.txt', '--trust', 'issuer.pem', '--json']);
  assert.match(shown, /"fullName": "Jane Doe"/);
});

test('evidence verifies for its key, nonce and root, and for no other', options, () => {
  const key = at('handle=0x81000100');
  ok(['key', 'attest', key, '--nonce', NONCE, '--out', 'issuer.evidence']);
  write('tpm.pem', ok(['key', 'attestation-key', at('')]));
  const verify = ['key', 'verify-attestation', 'issuer.evidence', '--json'];
  const given = (pem: string, nonce: string, root: string) => [
    '--key',
    pem,
    '--nonce',
    nonce,
    '--root',
    root,
  ];
  const proved = JSON.parse(ok([...verify, ...given('issuer.pem', NONCE, 'tpm.pem')])) as {
    attested: boolean;
    custody: { place: string; level: string };
  };
  assert.deepEqual([proved.attested, proved.custody.place, proved.custody.level], [true, 'tpm', 'attested']);
  for (const [wrong, check] of [
    [given('file.pem', NONCE, 'tpm.pem'), 'attestation.key'],
    [given('issuer.pem', `${NONCE}00`, 'tpm.pem'), 'attestation.nonce'],
    [given('issuer.pem', NONCE, 'file.pem'), 'key.algorithm'],
    [given('issuer.pem', NONCE, 'issuer.pem'), 'signature'],
  ] as const) {
    const { status, stderr } = run([...verify, ...wrong]);
    const { error } = JSON.parse(stderr) as { error: { code: string; details: { check: string } } };
    assert.deepEqual([status, error.code, error.details.check], [1, 'VERIFICATION_FAILED', check]);
  }
  const evidence = read('issuer.evidence');
  evidence[200] = (evidence[200] ?? 0) ^ 1;
  write('changed.evidence', evidence);
  assert.notEqual(
    run(['key', 'verify-attestation', 'changed.evidence', ...given('issuer.pem', NONCE, 'tpm.pem')]).status,
    0,
  );
});

test('a key of a file gives no evidence', options, () => {
  ok(['key', 'generate', '--algorithm', 'ES256', '--label', 'soft', '--no-passphrase']);
  fails(
    ['key', 'attest', 'soft', '--nonce', NONCE, '--out', 'soft.evidence'],
    69,
    'nothing but its provider says where this key lives (UNSUPPORTED ref=file:soft?version=1)',
  );
});

test('cert csr writes a request that OpenSSL accepts, by a key of any kind', options, () => {
  for (const key of [at('handle=0x81000100'), at('file=issuer.tpm'), 'soft']) {
    ok(['cert', 'csr', '--key', key, '--subject', 'CN=Gate 7,O=Example', '--out', 'gate.csr']);
    assert.match(openssl('req', '-in', 'gate.csr', '-verify', '-noout'), /verify OK/);
    const subject = openssl('req', '-in', 'gate.csr', '-noout', '-subject', '-nameopt', 'RFC2253');
    assert.equal(subject, 'subject=CN=Gate 7,O=Example\n');
  }
  fails(
    ['cert', 'csr', '--key', 'soft', '--subject', 'Gate 7'],
    64,
    'a part of a name is TYPE=value (ARGUMENT_INVALID field=subject offset=0)',
  );
});

test('a PIN comes from a file or a descriptor, and a wrong one is 77', options, () => {
  writeFileSync(path('pin'), '123456\n', { mode: 0o600 });
  writeFileSync(path('wrong'), '654321\n', { mode: 0o600 });
  const { ref } = generate('handle=0x81000101', 'ES256', '--pin-file', 'pin');
  ok(['sign', 'report', '--key', ref, '--pin-file', 'pin', '--out', 'pin.sig']);
  const { status, stderr } = run(['sign', 'report', '--key', ref, '--pin-file', 'wrong', '--out', 'pin.sig']);
  assert.equal(status, 77);
  assert.match(stderr, /the authorization value is wrong, and the TPM counts that/);
  // While a wrong value counts, none is guessed.
  const { status: without } = run(['sign', 'report', '--key', ref, '--out', 'pin.sig']);
  assert.equal(without, 64);
});

test('a value is typed twice for a new key, and once for each command that uses it', {
  skip: options.skip || noTyping,
}, () => {
  const typing = typist({ work, environment });
  const args = ['key', 'generate', '--ref', at('file=typed.pem'), '--algorithm', 'ES256', '--pin-prompt'];
  const asks = [`New PIN of ${at('file=typed.pem')}: `, 'Once more: '] as const;
  const slip = typing(args, [asks[0], '1234-typed'], [asks[1], '1235-typed']);
  assert.equal(slip.status, 64);
  assert.equal(typing(args, [asks[0], '1234-typed'], [asks[1], '1234-typed']).status, 0);
  const sign = ['sign', 'report', '--key', at('file=typed.pem'), '--out', 'typed.sig'];
  const ask = `PIN of ${at('file=typed.pem')}: `;
  const right = typing(sign, [ask, '1234-typed']);
  assert.equal(right.status, 0);
  const wrong = typing([...sign, '--pin-prompt'], [ask, '1235-typed']);
  assert.equal(wrong.status, 77);
  for (const { shown } of [slip, right, wrong]) assert.doesNotMatch(shown, /123\d-typed/);
  // A key without a value is used without a question.
  assert.equal(typing(['sign', 'report', '--key', at('handle=0x81000100'), '--out', 'a.sig']).status, 0);
  const nobody =
    'nobody can be asked here: --pin-file, --pin-fd, --pin-credential or --pin-keyring (ARGUMENT_INVALID field=pin-prompt)';
  fails([...sign, '--pin-prompt'], 64, nobody);
  const issue = ['claim169', 'issue', '--in', '-', '--issuer', 'urn:example', '--out', 'codes.ndjson'];
  fails([...issue, '--key', at('file=typed.pem'), '--pin-prompt'], 64, nobody);
});

test('handles for endorsement keys need to be forced, and delete asks', options, () => {
  const ref = at('handle=0x81010005');
  const message =
    'handles from 0x81010000 to 0x8101ffff are for endorsement keys: not without allowEndorsementHandles (--force)';
  const line = `${message} (ARGUMENT_INVALID ref=${ref} field=tpm.handle)`;
  fails(['key', 'generate', '--ref', ref, '--algorithm', 'ES256'], 64, line);
  generate('handle=0x81010005', 'ES256', '--force');
  fails(['key', 'delete', ref, '--yes'], 64, line);
  ok(['key', 'delete', ref, '--yes', '--force']);
  fails(
    ['key', 'show', ref],
    66,
    `the TPM has no key at this handle (KEY_NOT_FOUND provider=tpm ref=${ref})`,
  );
  fails(
    ['key', 'delete', at('handle=0x81000100')],
    64,
    'nobody can be asked here: --yes deletes without asking (ARGUMENT_INVALID field=yes)',
  );
});

test('a storage key of the TPM is not deleted unless that is forced', {
  skip: options.skip || (component('tpm2-tools').missing ?? false),
}, () => {
  const tool = (name: string, ...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(tpm2(name), args, {
      cwd: work,
      env: { ...environment, ...swtpm.env },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  };
  tool('createprimary', '-C', 'o', '-c', 'srk.ctx');
  tool('flushcontext', '-t');
  tool('evictcontrol', '-C', 'o', '-c', 'srk.ctx', '0x81000001');
  const ref = at('handle=0x81000001');
  const message =
    'this is a storage key, and without it keys that were made under it cannot be used: not without allowStorageKeys (--force)';
  fails(['key', 'delete', ref, '--yes'], 64, `${message} (ARGUMENT_INVALID ref=${ref} field=tpm.handle)`);
  tool('readpublic', '-c', '0x81000001');
  ok(['key', 'delete', ref, '--yes', '--force']);
  assert.equal(run(['key', 'delete', ref, '--yes', '--force']).status, 66);
});

test('a TPM that is not there is 75, and says which', options, () => {
  const { status, stderr } = run(['key', 'show', 'tpm:handle=0x81000100?device=unix:/nowhere/tpm']);
  assert.equal(status, 75);
  assert.match(stderr, /there is no such device: .* \(ENOENT\).*path=unix:\/nowhere\/tpm/);
});
