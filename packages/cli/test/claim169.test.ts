import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from 'hardkey';
import { encode } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { signer as certificateOf, pairOf } from '../../hardkey/test/support/certificates.ts';
import { dashedCredential } from './support/dash.ts';
import { DECODE, ENCODE, IDENTITY, ISSUER, issuerSandbox, PLAIN, TRUST } from './support/issuer.ts';

const { ok, run, fails, generate, write, issuer, encoded } = issuerSandbox();

const text = encoded();

test('decode --json gives identity, meta, verification and warnings', () => {
  const before = Math.floor(Date.now() / 1000);
  const subject = ['--subject', '-7', '--expires-in', '1y'];
  const report = JSON.parse(ok([...DECODE, encoded(...subject), ...TRUST, '--json']));
  assert.deepEqual(Object.keys(report), ['identity', 'meta', 'verification', 'warnings']);
  assert.deepEqual(report.identity, IDENTITY);
  const { issuedAt, expiresAt, ...meta } = report.meta;
  assert.deepEqual(meta, { issuer: ISSUER, subject: '-7' });
  assert.ok(issuedAt >= before && issuedAt <= Date.now() / 1000);
  assert.equal(expiresAt - issuedAt, 365 * 86_400);
  const { checks, ...verification } = report.verification;
  assert.deepEqual(verification, { status: 'verified', algorithm: 'Ed25519', keyId: issuer.keyId });
  for (const check of checks) assert.equal(check.passed, true, check.name);
  assert.deepEqual(
    report.warnings.map(({ path }: { path: string }) => path),
    ['identity.photo', 'identity.photoFormat'],
  );
});

test('decode without --json says the same in lines', () => {
  const lines = ok([...DECODE, text, ...TRUST]).split('\n');
  assert.equal(lines[0], 'status       verified');
  assert.ok(lines.includes('fullName     Janardhan BS'));
});

test('the text is an argument, in a file, or on standard input with one line end', () => {
  write('with-line-end.txt', `${text}\r\n`);
  write('without.txt', text);
  for (const argument of [text, 'with-line-end.txt', 'without.txt']) ok([...DECODE, argument, ...TRUST]);
  for (const input of [text, `${text}\n`, `${text}\r\n`]) ok([...DECODE, '-', ...TRUST], { input });
  for (const input of [`${text}\n\n`, ` ${text}`, `${text} `, text.toLowerCase()])
    assert.equal(run([...DECODE, '-', ...TRUST], { input }).status, 65, JSON.stringify(input));
});

test('a text that begins with a dash is a text, wherever the options stand', async () => {
  const { text: dashed, publicKeyPem } = await dashedCredential();
  assert.ok(dashed.startsWith('-'));
  write('dashed.pem', publicKeyPem);
  ok([...DECODE, dashed, '--trust', 'dashed.pem']);
  ok([...DECODE, '--trust', 'dashed.pem', dashed]);
  ok([...DECODE, '--trust', 'dashed.pem', '--', dashed]);
  ok(['claim169', 'inspect', dashed, '--json']);
});

test('an option that is not known is not taken for a text', () => {
  for (const option of ['--bogus', '-b', '--bogus=1'])
    fails(
      [...DECODE, text, ...TRUST, option],
      64,
      `unknown option ${option.replace('=1', '')} (ARGUMENT_INVALID field=options)`,
    );
  fails([...DECODE, text, 'another', ...TRUST], 64, 'too many arguments (ARGUMENT_INVALID field=arguments)');
});

test('a name that is not there is 65, and not taken for a text that is cut short', () => {
  const line = 'neither the name of a file nor Base45 (MALFORMED field=base45 offset=0)';
  fails([...DECODE, 'credential.png', ...TRUST], 65, line);
  fails(['claim169', 'inspect', 'credential.png'], 65, line);
});

test('neither trust nor --allow-unsigned is 64, before anything is read', () => {
  fails([...DECODE, 'no text'], 64, '--trust says whose signatures count (ARGUMENT_INVALID field=trust)');
});

test('a key that is not trusted, and a changed bit, are 1 and give no content', () => {
  const other = generate('Ed25519', 'other');
  write('other.pem', other.publicKeyPem ?? '');
  const { status, stdout, stderr } = run([...DECODE, text, '--trust', 'other.pem', '--json']);
  assert.deepEqual([status, stdout, JSON.parse(stderr).error.code], [1, '', 'VERIFICATION_FAILED']);
});

test('--trust takes one value each time, and the text may come after it', () => {
  ok([...DECODE, '--trust', 'issuer.pem', '--trust', 'issuer.pem', text]);
  ok([...DECODE, '--trust=issuer.pem', text]);
});

test('out of its time, the content is written and the status is 1', () => {
  const expiring = encoded('--expires-in', '30d');
  const at = (time: string) => run([...DECODE, expiring, ...TRUST, '--json', '--at', time]);
  const later = at('2126-01-31T12:00:00+05:30');
  assert.deepEqual([later.status, later.stderr], [1, '']);
  const report = JSON.parse(later.stdout);
  assert.deepEqual(report.identity, IDENTITY);
  assert.equal(report.verification.status, 'expired');
  const failed = report.verification.checks.filter(({ passed }: { passed: boolean }) => !passed);
  assert.deepEqual(
    failed.map(({ name }: { name: string }) => name),
    ['cwt.expires-at'],
  );
  assert.equal(run([...DECODE, expiring, ...TRUST]).status, 0);
});

test('a time or a length of it that is none is 64', () => {
  fails(
    [...DECODE, text, ...TRUST, '--at', '2026-02-30T12:00:00Z'],
    64,
    'not a time, such as 2026-01-31T12:00:00Z (ARGUMENT_INVALID field=at)',
  );
  fails(
    [...ENCODE, '--expires-in', '1w'],
    64,
    'not a length of time, such as 90s, 15m, 12h, 30d or 1y (ARGUMENT_INVALID field=expires-in)',
  );
});

test('another profile is 69', () => {
  const line = 'no such profile (UNSUPPORTED field=profile)';
  fails([...ENCODE, '--profile', '9'], 69, line);
  fails([...DECODE, text, ...TRUST, '--profile', '9'], 69, line);
  ok([...DECODE, text, ...TRUST, '--profile', '1.2.1']);
});

test('--strict refuses what would be a warning', () => {
  const { status, stderr } = run([...DECODE, text, ...TRUST, '--strict']);
  assert.equal(status, 65);
  assert.match(stderr, /MALFORMED field=claim169 path=identity\.photo/);
  ok([...DECODE, JSON.parse(ok([...PLAIN, '--json'])).text, ...TRUST, '--strict']);
});

test('inspect takes it apart and says that nothing is verified', () => {
  const inspected = JSON.parse(ok(['claim169', 'inspect', text, '--json']));
  assert.deepEqual(
    [inspected.cose, inspected.algorithm, inspected.keyId],
    ['sign1', 'Ed25519', issuer.keyId],
  );
  assert.equal(inspected.meta.issuer, ISSUER);
  assert.match(ok(['claim169', 'inspect', text]), /^status {7}not verified\n/);
  const { status, stderr } = run(['claim169', 'inspect', 'abc']);
  assert.equal(status, 65);
  assert.match(stderr, /\(MALFORMED field=base45 offset=0\)\n$/);
});

test('inspect --json writes certificates and claims that are bytes in base64', async () => {
  const { text: bound, certificate } = await boundCredential();
  const { x509, meta } = JSON.parse(ok(['claim169', 'inspect', bound, '--json']));
  assert.deepEqual(x509, { x5chain: [certificate.toString('base64')] });
  assert.equal(meta.cwtId, 'AQI=');
  assert.equal(typeof meta.unknown['65535'], 'string');
  assert.match(ok(['claim169', 'inspect', bound]), /\ncertificates {2}1\n/);
});

test('decode says whom a credential is for, whose it is, and where its status is', async () => {
  const { text: bound, publicKeyPem, fingerprint } = await boundCredential();
  write('bound.pem', publicKeyPem);
  const call = [...DECODE, bound, '--trust', 'bound.pem'];
  const report = JSON.parse(ok([...call, '--json']));
  assert.deepEqual(report.credentialStatus, { statusList: STATUS });
  assert.deepEqual(report.confirmation, { fingerprint });
  assert.equal(report.meta.audience, 'door-7');
  const lines = ok(call).split('\n');
  for (const line of [
    'audience     door-7',
    'id of token  0102',
    `holder       ${fingerprint}`,
    `status list  ${STATUS.index} of ${STATUS.uri}`,
  ])
    assert.ok(lines.includes(line), line);
});

test('a credential for somebody is for nobody else who says who it is', () => {
  const named = encoded('--audience', 'door-7');
  const { verification } = JSON.parse(ok([...DECODE, named, ...TRUST, '--audience', 'door-7', '--json']));
  assert.ok(verification.checks.some(({ name }: { name: string }) => name === 'cwt.audience'));
  for (const credential of [named, text]) {
    const { status, stderr } = run([...DECODE, credential, ...TRUST, '--audience', 'door-8']);
    assert.equal(status, 1);
    assert.match(stderr, /VERIFICATION_FAILED check=cwt.audience/);
  }
});

const STATUS = { index: 7, uri: 'https://status.example/1' };

/** A credential with a certificate and everything that binds it. */
async function boundCredential() {
  await using keys = createKeys([memory()]);
  const key = await keys.create('memory:issuer', { algorithm: 'ES256' });
  const signer = key.use('ES256');
  const { der } = certificateOf({ subject: 'Signer', keys: await pairOf(key) });
  const { publicKey } = signer;
  const meta = {
    issuer: ISSUER,
    audience: 'door-7',
    cwtId: Uint8Array.of(1, 2),
    status: STATUS,
    confirmation: publicKey,
  };
  const { text } = await encode({ id: '1' }, meta, { signer, certificates: [der] });
  const { fingerprint } = publicKey;
  return { text, publicKeyPem: publicKey.toPem(), fingerprint, certificate: Buffer.from(der) };
}
