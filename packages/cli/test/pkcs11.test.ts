// Keys of a token by whole references, with no settings at all.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { verify } from 'node:crypto';
import { openSync } from 'node:fs';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { initToken, missingForTokens, PIN } from '../../hardkey/test/providers/pkcs11/support.ts';
import { gnomeKeyring, startSession } from '../../hardkey/test/support/gnome-keyring.ts';
import { MADE, type Made, sandbox } from './support/sandbox.ts';
import { noTyping, typist } from './support/typing.ts';

const { path, work, environment, ok: plain, run: runPlain, write, read } = sandbox();
const skip = missingForTokens('softhsm2') ?? false;
const MODULE = component('softhsm2').path;
// A variable without a value is one, and common.
const env = { SOFTHSM2_CONF: path('softhsm2.conf'), EMPTY: '' };
const ok = (args: readonly string[], more = {}): string => plain(args, { env, ...more });
const run = (args: readonly string[]) => runPlain(args, { env });
const QUERY = `?module-path=${MODULE}&pin-source=file:${path('pin')}`;
const ref = (object: string): string => `pkcs11:token=T;object=${object}${QUERY}`;

if (skip === false) {
  write(
    'softhsm2.conf',
    `directories.tokendir = ${path('.')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  initToken(env.SOFTHSM2_CONF, 'T');
  write('pin', PIN);
  write('wrong', '0000');
  write('content', 'content');
}

let made: Made | undefined;

function issuer(): Made {
  made ??= JSON.parse(
    ok(['key', 'generate', '--ref', ref('issuer'), '--algorithm', 'ES256', '--json']),
  ) as Made;
  return made;
}

function isSigned(signature: Uint8Array, { publicKeyPem }: Made): boolean {
  const key = { key: publicKeyPem ?? '', dsaEncoding: 'ieee-p1363' as const };
  return verify('sha256', Buffer.from('content'), key, signature);
}

test('a key is made on the token, and its reference has both names', { skip }, () => {
  const key = issuer();
  assert.deepEqual(Object.keys(key), MADE);
  assert.match(
    key.ref,
    /^pkcs11:token=T;object=issuer;id=(%[0-9A-F]{2}){16}\?module-path=\/.*&pin-source=file:\//,
  );
  assert.equal((key.custody as { level: string }).level, 'attributed');
  const { status, stderr } = run(['key', 'generate', '--ref', ref('issuer'), '--algorithm', 'ES256']);
  assert.equal(status, 73);
  assert.match(stderr, /KEY_EXISTS/);
});

test('it signs by either reference, and its public key is the one that was printed', { skip }, () => {
  const key = issuer();
  for (const one of [ref('issuer'), key.ref]) {
    const signature = ok(['sign', 'content', '--key', one, '--format', 'base64']);
    assert.ok(isSigned(Buffer.from(signature, 'base64'), key));
    assert.equal(ok(['key', 'public', one]), key.publicKeyPem);
  }
});

test('the default key is pinned by both names, and marked in the list', { skip }, () => {
  const key = issuer();
  assert.equal(ok(['key', 'set-default', ref('issuer'), '--config', 'pinned.json']), `${key.ref}\n`);
  const listed = ['key', 'list', '--ref', `pkcs11:token=T${QUERY}`, '--config', 'pinned.json', '--json'];
  const rows = JSON.parse(ok(listed)) as readonly { ref: string; default: boolean }[];
  assert.equal(rows.find((row) => row.ref === key.ref)?.default, true);
});

test('its tokens are verified with its public key', { skip }, () => {
  write('issuer.pem', issuer().publicKeyPem ?? '');
  ok(['sign', 'content', '--key', ref('issuer'), '--format', 'cose', '--out', 'content.cose']);
  ok(['verify', 'content.cose', '--format', 'cose', '--trust', 'issuer.pem', '--out', 'opened']);
  assert.equal(read('opened').toString(), 'content');
});

test('OpenSSL accepts a request for a certificate that it signed', {
  skip: skip || (component('openssl').missing ?? false),
}, () => {
  ok(['cert', 'csr', '--key', issuer().ref, '--subject', 'CN=Gate 7,O=Example', '--out', 'gate.csr']);
  const args = ['req', '-in', path('gate.csr'), '-verify', '-noout', '-pubkey'];
  const { stdout, stderr } = spawnSync(component('openssl').path, args, { encoding: 'utf8' });
  assert.match(stdout + stderr, /verify OK/);
  assert.ok(stdout.includes(issuer().publicKeyPem ?? ''));
});

test('it issues credentials, one and many', { skip }, () => {
  write('issuer.pem', issuer().publicKeyPem ?? '');
  const about = ['--key', ref('issuer'), '--issuer', 'https://issuer.example'];
  const text = ok(['claim169', 'encode', '{"id":"1","fullName":"A"}', ...about]);
  assert.match(ok(['claim169', 'decode', text.trim(), '--trust', 'issuer.pem', '--json']), /"fullName": "A"/);
  write('people.ndjson', '{"id":"1","fullName":"A"}\n{"id":"2","fullName":"B"}\n');
  ok(['claim169', 'issue', '--in', 'people.ndjson', ...about, '--out', 'issued.ndjson']);
  assert.equal(read('issued.ndjson').toString().trim().split('\n').length, 2);
});

test('the PIN comes from a file or a descriptor, is shown nowhere, and a wrong one is 77', { skip }, () => {
  issuer();
  const key = `pkcs11:token=T;object=issuer?module-path=${MODULE}`;
  ok(['sign', 'content', '--key', key, '--pin-file', 'pin', '--format', 'base64']);
  const descriptors = [openSync(path('pin'), 'r')];
  ok(['sign', 'content', '--key', key, '--pin-fd', '3', '--format', 'base64'], { descriptors });
  const { status, stdout, stderr } = run(['sign', 'content', '--key', key, '--pin-file', 'wrong']);
  assert.deepEqual([status, stdout], [77, '']);
  assert.doesNotMatch(stderr, /0000/);
  const credentials = { env: { ...env, CREDENTIALS_DIRECTORY: path('.') } };
  plain(['sign', 'content', '--key', key, '--pin-credential', 'pin', '--format', 'base64'], credentials);
  assert.equal(run(['sign', 'content', '--key', key]).status, 77);
  assert.equal(run(['sign', 'content', '--key', key, '--pin-credential', 'pin']).status, 64);
});

const keyring = gnomeKeyring.missing ?? false;

test('the PIN comes from the desktop keyring, where another program put it', {
  skip: skip || keyring,
}, async (t) => {
  issuer();
  const session = await startSession();
  t.after(() => session.end());
  const key = `pkcs11:token=T;object=issuer?module-path=${MODULE}`;
  const args = ['sign', 'content', '--key', key, '--format', 'base64'];
  const from = [...args, '--pin-keyring', 'keyring:service=PIN;account=T'];
  const there = { env: { ...env, ...session.env } };
  assert.equal(runPlain(from, there).status, 75);
  session.secretTool(['store', '--label', 'PIN of T', 'service', 'PIN', 'username', 'T'], PIN);
  plain(from, there);
  assert.equal(run([...from, '--pin-file', 'pin']).status, 64);
});

test('a reference says itself that the PIN is in the keyring, as every other reference to it does', {
  skip: skip || keyring,
}, async (t) => {
  const session = await startSession();
  t.after(() => session.end());
  const there = { env: { ...env, ...session.env } };
  const source = 'keyring:service=the%20PINs;account=T';
  const ref = `pkcs11:token=T;object=by-keyring?module-path=${MODULE}&pin-source=${source}`;
  const generate = ['key', 'generate', '--ref', ref, '--algorithm', 'ES256', '--json'];
  const without = runPlain(generate, there);
  assert.equal(without.status, 75);
  assert.match(without.stderr, /the keyring has no such secret/);
  session.secretTool(['store', '--label', 'PIN of T', 'service', 'the PINs', 'username', 'T'], PIN);
  const key = JSON.parse(plain(generate, there)) as Made;
  assert.match(key.ref, /&pin-source=keyring:service=the%2520PINs%3Baccount=T$/);
  for (const one of [ref, key.ref]) {
    const signature = plain(['sign', 'content', '--key', one, '--format', 'base64'], there);
    assert.ok(isSigned(Buffer.from(signature, 'base64'), key));
  }
  plain(['key', 'delete', key.ref, '--yes'], there);
  session.secretTool(['store', '--label', 'PIN of T', 'service', 'the PINs', 'username', 'T'], '0000');
  const { status, stderr } = runPlain(['sign', 'content', '--key', ref], there);
  assert.equal(status, 77);
  assert.doesNotMatch(stderr, /0000/);
});

const ASK = 'PIN of the token T: ';
const typing = typist({ work, environment }, env);

test('the PIN is asked for on a terminal, once, is not shown, and a wrong one is not asked for again', {
  skip: skip || noTyping,
}, () => {
  issuer();
  const args = ['sign', 'content', '--key', `pkcs11:token=T;object=issuer?module-path=${MODULE}`];
  const right = typing([...args, '--out', 'typed.sig'], [ASK, PIN]);
  assert.equal(right.status, 0);
  assert.ok(isSigned(read('typed.sig'), issuer()));
  const wrong = typing([...args, '--out', 'wrong.sig'], [ASK, '0000-wrong']);
  assert.equal(wrong.status, 77);
  for (const { shown } of [right, wrong]) {
    assert.equal(shown.split(ASK).length, 2);
    assert.doesNotMatch(shown, /canary|0000-wrong/);
  }
});

test('its keys are listed, with what the token says of them', { skip }, () => {
  const { ref: pinned, keyId } = issuer();
  const text = ok(['key', 'list', '--ref', `pkcs11:token=T${QUERY}`]);
  assert.ok(
    text.includes(pinned) && text.includes(keyId) && text.includes('token (the token says) sensitive=true'),
  );
  write('config.json', JSON.stringify({ pkcs11: { tokens: [`pkcs11:token=T${QUERY}`] } }));
  const listed = JSON.parse(ok(['key', 'list', '--json', '--config', 'config.json'])) as readonly {
    ref: string;
  }[];
  assert.deepEqual(
    listed.map((one) => one.ref),
    [pinned],
  );
  // By its label alone, too, once the settings know the token.
  assert.equal(ok(['key', 'public', 'issuer', '--config', 'config.json']), issuer().publicKeyPem);
});

test('a key is taken in, and a key is removed', { skip }, () => {
  write('aes', new Uint8Array(32).fill(7));
  ok(['key', 'import', 'aes', '--ref', ref('reader'), '--algorithm', 'A256GCM', '--json']);
  ok(['encrypt', 'content', '--key', ref('reader'), '--out', 'content.enc']);
  ok(['decrypt', 'content.enc', '--key', ref('reader'), '--out', 'content.dec']);
  assert.equal(read('content.dec').toString(), 'content');
  ok(['key', 'delete', ref('reader'), '--yes']);
  assert.equal(run(['key', 'show', ref('reader')]).status, 66);
});

test('a token and a module that are not there are 75, settings that cannot work are 64', { skip }, () => {
  const other = ref('issuer').replace('token=T', 'token=U');
  assert.equal(run(['sign', 'content', '--key', other]).status, 75);
  assert.equal(
    run(['sign', 'content', '--key', 'pkcs11:token=T;object=a?module-path=/no/such.so']).status,
    75,
  );
  assert.equal(
    run(['key', 'generate', '--ref', ref('x'), '--label', 'x', '--algorithm', 'ES256']).status,
    64,
  );
  write('wrong.json', JSON.stringify({ pkcs11: { pin: '1234' } }));
  const { status, stderr } = run(['key', 'list', '--config', 'wrong.json']);
  assert.equal(status, 64);
  assert.match(stderr, /config\.pkcs11\.pin/);
});
