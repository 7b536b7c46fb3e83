// What takes the place of a backend that is not there: nothing, unless somebody says so, and then it shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTECTION, sandbox } from './support/sandbox.ts';

const { ok, run, spawn, fails, write, read, path } = sandbox();
const NOWHERE = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/none', XDG_RUNTIME_DIR: '/none' };
const PLAIN = '--no-passphrase';

write('report', 'the report');
write('tpm.json', JSON.stringify({ tpm: { device: '/no/such/tpm' } }));
write(
  'pkcs11.json',
  JSON.stringify({ pkcs11: { tokens: ['pkcs11:token=T?module-path=/no/such/module.so'] } }),
);
write('wrong.json', JSON.stringify({ tpm: { device: 'nonsense' } }));

function generate(backend: string, config: string, label: string, ...more: readonly string[]) {
  const args = ['key', 'generate', '--backend', backend, '--label', label, '--algorithm', 'ES256'];
  return run([...args, '--config', config, '--store', 'keys', PLAIN, ...more], { env: NOWHERE });
}

/** A backend that cannot serve, with its status and what is said of it. */
const AWAY = [
  ['tpm', 'tpm.json', 75, /there is no such device: is the TPM on in the firmware, or at another \?device= /],
  [
    'pkcs11',
    'pkcs11.json',
    75,
    /the module cannot be loaded: is it there, and is it the library of the token's maker/,
  ],
  ['pkcs11', 'none.json', 64, /no token is configured: name it as pkcs11\.tokens in the settings/],
  ['keyring', 'none.json', 75, /no keyring answers in this session: is gnome-keyring or KWallet running/],
  ['tpm', 'wrong.json', 64, /field=tpm\.device/],
] as const;
write('none.json', '{}');

for (const [backend, config, status, says] of AWAY) {
  test(`${backend} of ${config} fails with what is missing, and makes nothing`, () => {
    const ended = generate(backend, config, 'a');
    assert.deepEqual([ended.status, ended.stdout], [status, '']);
    assert.match(ended.stderr, says);
    assert.equal(ended.stderr.trim().split('\n').length, 1);
    assert.equal(ok(['key', 'list', '--store', 'keys']), '');
  });
}

test('--allow-software makes a key in a file, and says so on standard error and in the key', () => {
  for (const [at, [backend, config, , says]] of AWAY.entries()) {
    const label = `allowed-${at}`;
    const { status, stdout, stderr } = generate(backend, config, label, '--allow-software', '--json');
    assert.equal(status, 0, stderr);
    assert.match(stderr, says);
    assert.match(stderr, /a software key in a file was made instead, which says so in what it signs/);
    const { ref, custody } = JSON.parse(stdout);
    assert.deepEqual(
      [ref, custody.place, custody.facts.softwareInsteadOf],
      [`file:${label}`, 'file', backend],
    );
  }
  const listed = ok(['key', 'list', '--store', 'keys']);
  assert.match(
    listed,
    /file:allowed-0\?version=1 .* software key in a file \(claimed\) .*softwareInsteadOf=tpm/,
  );
});

test('a reference gives the software key its label, also a handle and a key file', () => {
  for (const [ref, label] of [
    ['tpm:handle=0x81000100?device=/no/such/tpm', 'tpm-0x81000100'],
    ['tpm:file=../gate.7.pem?device=/no/such/tpm', 'gate.7'],
    ['pkcs11:token=T;object=issuer?module-path=/no/such/module.so', 'issuer'],
    ['keyring:service=S;account=door', 'door'],
  ] as const) {
    const args = ['key', 'generate', '--ref', ref, '--algorithm', 'ES256', '--json', '--allow-software'];
    const { status, stdout, stderr } = run([...args, '--store', 'referred', PLAIN], { env: NOWHERE });
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).ref, `file:${label}`);
  }
  const nameless = ['--ref', 'pkcs11:token=T;id=%01?module-path=/no/such/module.so', '--allow-software'];
  assert.equal(run(['key', 'generate', ...nameless, '--algorithm', 'ES256']).status, 64);
});

test('what a reference got wrong is no backend that is away', () => {
  const ref = ['--ref', 'tpm:handle=0x81000100?device=nonsense', '--allow-software'];
  const ended = run(['key', 'generate', ...ref, '--algorithm', 'ES256', '--store', 'typed', PLAIN]);
  assert.equal(ended.status, 64);
  assert.equal(ok(['key', 'list', '--store', 'typed']), '');
});

test('what has a header says it, and what has none is not signed unless that is allowed too', () => {
  generate('tpm', 'tpm.json', 'gate', '--allow-software');
  const sign = ['sign', 'report', '--key', 'gate', '--store', 'keys'];
  const [header = ''] = ok([...sign, '--format', 'jws']).split('.');
  assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).softwareInsteadOf, 'tpm');
  ok([...sign, '--format', 'cose', '--out', 'report.cose']);
  assert.ok(read('report.cose').includes('softwareInsteadOf'));
  write('report.jws', ok([...sign, '--format', 'jws']));
  write('gate.pem', ok(['key', 'public', 'gate', '--store', 'keys']));
  for (const format of ['jws', 'cose']) {
    const verify = ['verify', `report.${format}`, '--format', format, '--trust', 'gate.pem', '--json'];
    assert.equal(JSON.parse(ok(verify)).softwareInsteadOf, 'tpm');
  }
  const issuer = ['--key', 'gate', '--store', 'keys', '--issuer', 'https://id.example.org'];
  write('ana.txt', ok(['claim169', 'encode', '{"id":"1"}', ...issuer]));
  assert.match(ok(['claim169', 'inspect', 'ana.txt', '--json']), /"softwareInsteadOf": "tpm"/);
  const decode = ['claim169', 'decode', 'ana.txt', '--trust', 'gate.pem'];
  assert.equal(JSON.parse(ok([...decode, '--json'])).verification.softwareInsteadOf, 'tpm');
  assert.match(ok(decode), /^software instead of +tpm$/m);

  const what = 'a software key stands in for one of tpm, and this form of signature cannot say so';
  const how = 'jws and cose can, and --allow-software signs all the same';
  const line = `${what}: ${how} (DENIED ref=file:gate?version=1 field=allow-software)`;
  const csr = ['cert', 'csr', '--key', 'gate', '--store', 'keys', '--subject', 'CN=Gate'];
  for (const bare of [
    sign,
    [...sign, '--format', 'der'],
    [...sign, '--format', 'sshsig', '--namespace', 'file'],
    csr,
  ]) {
    fails(bare, 77, line);
    const allowed = spawn([...bare, '--allow-software']);
    assert.deepEqual([allowed.status, allowed.stderr], [0, `hardkey: ${what}\n`]);
  }
});

test('where no backend is configured the store serves, and list and sign say what it protects by', () => {
  ok(['key', 'generate', '--label', 'own', '--algorithm', 'ES256', PLAIN]);
  const said = spawn(['sign', 'report', '--key', 'own']).stderr;
  assert.match(said, PROTECTION);
  assert.match(said, /a software key in a file that is not encrypted; no backend is configured/);
  assert.match(
    ok(['key', 'list']),
    /file:own\?version=1 .* software key in a file \(claimed\) encrypted=false/,
  );
  // Whoever names a place knows it.
  for (const chosen of [
    ['--store', path('../home/.local/share/hardkey/keys')],
    ['--config', 'tpm.json'],
  ]) {
    assert.equal(spawn(['sign', 'report', '--key', 'file:own', ...chosen]).stderr, '');
  }
});
