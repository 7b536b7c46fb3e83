import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { test } from 'node:test';
import { AWS_ENV, awsServers, ministack } from '../../hardkey/test/support/aws.ts';
import { assertLoads } from './support/loaded.ts';
import { MADE, sandbox } from './support/sandbox.ts';
import { noTyping, typist } from './support/typing.ts';

const box = sandbox();
const { ok, run, fails, write, spawn } = box;
const skip = awsServers.missing ?? false;
const env: Readonly<Record<string, string>> =
  awsServers.missing === undefined ? { ...AWS_ENV, AWS_ENDPOINT_URL_KMS: await ministack() } : {};
const REF = 'awskms:///alias/issuer';
const ARN = /^awskms:\/\/\/arn:aws:kms:eu-central-1:123456789012:key\/[0-9a-f-]{36}$/;
const GENERATE = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256', '--json'];
write('content', 'content');

const json = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  JSON.parse(ok([...args, '--json'], { env: { ...env, ...more } }));

test('a key is made, checked, used, rotated, disabled and deleted by its alias', { skip }, () => {
  const made = JSON.parse(ok(GENERATE, { env }));
  assert.deepEqual(Object.keys(made), MADE);
  assert.match(made.ref, ARN);
  assert.equal(made.custody.facts.origin, 'AWS_KMS');
  assert.equal(run(GENERATE, { env }).status, 73);

  const content = Buffer.from('content');
  const isOf = (publicKeyPem: string, signature: Buffer): boolean =>
    verify('sha256', content, { key: publicKeyPem, dsaEncoding: 'ieee-p1363' }, signature);
  const first = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(made.publicKeyPem, first));

  assert.equal(ok(['key', 'check', REF, '--algorithm', 'ES256'], { env }), `${REF} can be used\n`);
  assert.deepEqual(json(['key', 'check', REF, '--fingerprint', made.fingerprint]), {
    ref: REF,
    usable: true,
  });
  assert.equal(run(['key', 'check', REF, '--algorithm', 'ES384'], { env }).status, 69);

  const rotated = json(['key', 'rotate', REF]);
  assert.notEqual(rotated.ref, made.ref);
  const second = spawn(['sign', 'content', '--key', REF], { env }).stdout as Buffer;
  assert.ok(isOf(rotated.publicKeyPem, second) && !isOf(made.publicKeyPem, second));
  const pinned = run(['sign', 'content', '--key', REF, '--fingerprint', made.fingerprint], { env });
  assert.equal(pinned.status, 76);
  assert.equal(ok(['key', 'public', made.ref], { env }), made.publicKeyPem);
  assert.equal(run(['sign', 'content', '--key', made.ref], { env }).status, 77);

  ok(['key', 'state', REF, 'suspended'], { env });
  assert.match(run(['sign', 'content', '--key', REF], { env }).stderr, /DENIED/);
  ok(['key', 'state', REF, 'active'], { env });
  ok(['sign', 'content', '--key', REF, '--out', 'signature'], { env });

  assert.equal(run(['key', 'delete', REF], { env }).status, 64, 'nobody can be asked');
  assert.equal(ok(['key', 'delete', REF, '--yes'], { env }), `${REF} deleted\n`);
  assert.equal(run(['key', 'show', REF], { env }).status, 66);
});

test('without a name the key is that of A1_KMS_KEY_ID, and there is no other default', { skip }, () => {
  ok(['key', 'generate', '--ref', 'awskms:///alias/a1', '--algorithm', 'Ed25519'], { env });
  const shown = json(['key', 'show', 'awskms:'], { A1_KMS_KEY_ID: 'alias/a1' });
  assert.deepEqual(shown.algorithms, ['Ed25519']);
  const { status, stderr } = run(['key', 'show', 'awskms:'], { env });
  assert.equal(status, 64);
  assert.match(stderr, /none is configured: .*A1_KMS_KEY_ID.*field=awskms\.key/);
});

test('a deletion is confirmed by typing which key it is, whatever stands for it', {
  skip: noTyping || skip,
}, () => {
  const typing = typist(box, env);
  const alias = 'awskms:///alias/doomed';
  const { ref } = json(['key', 'generate', '--ref', alias, '--algorithm', 'ES256']);
  const byDefault = { ...env, A1_KMS_KEY_ID: 'alias/doomed' };
  const unnamed = typist(box, byDefault);
  const question = `Type ${ref} to delete what awskms: stands for: `;
  const no = unnamed(['key', 'delete', 'awskms:'], [question, 'awskms:']);
  assert.match(no.shown, /not confirmed, and nothing was deleted/);
  ok(['key', 'show', alias], { env });
  assert.equal(typing(['key', 'delete', alias], [`Type ${alias} to delete it: `, alias]).status, 0);
  assert.equal(run(['key', 'show', ref], { env }).status, 77, 'it awaits its deletion');

  ok(['key', 'generate', '--ref', alias, '--algorithm', 'ES256'], { env });
  const named = json(['key', 'show', 'awskms:'], byDefault).ref;
  const yes = [`Type ${named} to delete what awskms: stands for: `, named] as const;
  assert.equal(unnamed(['key', 'delete', 'awskms:'], yes).status, 0);
  assert.equal(run(['key', 'show', alias], { env }).status, 66);
});

test('keys are listed by reference, and found by label where the settings name the service', { skip }, () => {
  ok(['key', 'generate', '--ref', 'awskms:///alias/listed', '--algorithm', 'ES384'], { env });
  const labels = (rows: readonly { readonly label?: string }[]) => rows.map(({ label }) => label);
  assert.ok(labels(json(['key', 'list', '--ref', 'awskms:'])).includes('listed'));
  assert.deepEqual(labels(json(['key', 'list'])), []);
  write('config.json', JSON.stringify({ awskms: { region: 'eu-central-1', tags: { team: 'issuing' } } }));
  const settings = ['--config', 'config.json'];
  assert.ok(labels(json(['key', 'list', ...settings])).includes('listed'));
  assert.deepEqual(json(['key', 'show', 'listed', ...settings]).algorithms, ['ES384']);
  const { backends } = json(['doctor', ...settings]);
  const row = backends.find((one: { backend: string }) => one.backend === 'awskms');
  assert.equal(row.well, true);
  const { found } = json(['doctor']);
  const offered = found.find((one: { backend: string }) => one.backend === 'awskms');
  assert.deepEqual(offered.settings, { awskms: {} });
});

test('a list is that of the region and the endpoint of its reference', { skip }, () => {
  const elsewhere = 'awskms:///alias/elsewhere?region=us-east-1';
  const { ref } = json(['key', 'generate', '--ref', elsewhere, '--algorithm', 'ES256']);
  const listed = (place: string): readonly { readonly ref: string }[] =>
    json(['key', 'list', '--ref', place]);
  for (const place of ['awskms:///?region=us-east-1', elsewhere, ref]) {
    assert.deepEqual(
      listed(place).map((info) => info.ref),
      [ref],
      place,
    );
  }
  assert.ok(!listed('awskms:').some((info) => info.ref === ref));
  assert.equal(run(['key', 'list', '--ref', 'awskms://127.0.0.1:1/'], { env }).status, 75);
});

test('a new key of the backend goes into the settings, by its label', { skip }, () => {
  const args = ['key', 'generate', '--backend', 'awskms', '--algorithm', 'ES256', '--config', 'new.json'];
  write('new.json', '{}');
  const { stderr } = run([...args, '--label', 'backend-key'], { env });
  assert.equal(stderr, 'hardkey: new.json names the backend awskms from now on\n');
  assert.deepEqual(json(['key', 'show', 'backend-key', '--config', 'new.json']).algorithms, ['ES256']);
  assert.equal(run([...args, '--label', 'with.dot'], { env }).status, 64);
  const settings = ['--config', 'new.json'];
  const alias = 'awskms:///alias/backend-key';
  assert.equal(json(['key', 'set-default', 'backend-key', ...settings]).ref, alias);
  const shown = ok(['key', 'list', ...settings], { env });
  assert.match(shown, /^awskms:\/\/\/arn:\S+ \(backend-key\) \* {2}/m, 'an ARN says nothing to people');
  const { fingerprint } = json(['key', 'rotate', 'backend-key', ...settings]);
  ok(['sign', 'content', '--fingerprint', fingerprint, '--out', 'rotated', ...settings], { env });
  ok(['sign', 'content', '--key', 'backend-key', '--out', 'labelled', ...settings], { env });
});

test('a service that is not there is 75, and a software key only where it was allowed', { skip }, () => {
  const nowhere = { ...env, AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1' };
  fails(
    ['sign', 'content', '--key', REF],
    75,
    `the endpoint cannot be reached (kms:DescribeKey, ECONNREFUSED) (UNAVAILABLE provider=awskms ref=${REF} operation=DescribeKey)`,
    { env: nowhere },
  );
  const args = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256', '--allow-software', '--json'];
  const { stdout } = run([...args, '--store', 'software', '--no-passphrase'], { env: nowhere });
  const made = JSON.parse(stdout);
  assert.equal(made.ref, 'file:issuer');
  assert.equal(made.custody.facts.softwareInsteadOf, 'awskms');
});

test('signing by a key of the service loads its SDK, and nothing of another backend', { skip }, () => {
  ok(['key', 'generate', '--ref', 'awskms:///alias/loads', '--algorithm', 'ES256'], { env });
  assertLoads(box, 'awskms:///alias/loads', env, {
    provider: 'aws-kms',
    backend: 'aws.ts',
    packages: ['@aws-sdk/client-kms'],
  });
});

test('a credential is signed by a key of the service from the command line', { skip }, () => {
  ok(['key', 'generate', '--ref', 'awskms:///alias/credentials', '--algorithm', 'ES256'], { env });
  write('ana.json', JSON.stringify({ id: '1', fullName: 'Ana' }));
  const key = ['--key', 'awskms:///alias/credentials'];
  const encode = ['claim169', 'encode', 'ana.json', ...key, '--issuer', 'https://id.example.org'];
  const text = ok([...encode, '--expires-in', '1h'], { env });
  write('ana.txt', text);
  write('issuer.pem', ok(['key', 'public', 'awskms:///alias/credentials'], { env }));
  const decoded = JSON.parse(ok(['claim169', 'decode', 'ana.txt', '--trust', 'issuer.pem', '--json']));
  assert.match(JSON.stringify(decoded), /"fullName":"Ana"/);
});

test('an alias opens what was encrypted for the key that it led to before', { skip }, () => {
  const [reader, signs] = ['awskms:///alias/reader', 'awskms:///alias/signs'];
  ok(['key', 'generate', '--ref', reader, '--algorithm', 'RSA-OAEP-256'], { env });
  ok(['key', 'generate', '--ref', signs, '--algorithm', 'ES256'], { env });
  write('signs.pem', ok(['key', 'public', signs], { env }));
  const person = '{"id":"1","fullName":"Ada"}';
  ok([...ENCODE, person, '--key', signs, '--encrypt-with', reader, '--out', 'early.txt'], { env });
  ok(['key', 'rotate', reader], { env });
  const decode = ['claim169', 'decode', 'early.txt', '--trust', 'signs.pem', '--decrypt-with'];
  assert.match(ok([...decode, reader], { env }), /Ada/);
  const { ref } = JSON.parse(ok(['key', 'show', reader, '--json'], { env }));
  assert.equal(run([...decode, ref], { env }).status, 1);
});

test('what a key of the service encrypts in its own way is asked for by name, and opened', { skip }, () => {
  for (const [alias, algorithm] of [
    ['wraps', 'service'],
    ['claims', 'ES256'],
  ] as const)
    ok(['key', 'generate', '--ref', `awskms:///alias/${alias}`, '--algorithm', algorithm], { env });
  const [wraps, claims] = ['awskms:///alias/wraps', 'awskms:///alias/claims'];
  write('claims.pem', ok(['key', 'public', claims], { env }));
  write('people.ndjson', '{"id":"1","fullName":"Ada"}\n');
  const asked = ['--allow-service'];
  const ways: readonly (readonly [closing: readonly string[], opening: readonly string[], shows: RegExp])[] =
    [
      [['encrypt', 'content', '--key', wraps], ['decrypt', 'sealed', '--key', wraps], /^content$/],
      [
        [...ENCODE, '{"id":"1","fullName":"Ada"}', '--key', claims, '--encrypt-with', wraps],
        ['claim169', 'decode', 'sealed', '--trust', 'claims.pem', '--decrypt-with', wraps],
        /Ada/,
      ],
    ];
  for (const [closing, opening, shows] of ways) {
    const closes = [...closing, '--out', 'sealed.txt'];
    const refused = run(closes, { env });
    assert.equal(refused.status, 69);
    assert.match(refused.stderr, /allowService/);
    ok([...closes, ...asked], { env });
    const opens = opening.map((word) => (word === 'sealed' ? 'sealed.txt' : word));
    assert.equal(run(opens, { env }).status, 69);
    assert.match(ok([...opens, ...asked], { env }), shows);
  }
  const issue = ['claim169', 'issue', '--in', 'people.ndjson', '--key', claims, '--encrypt-with', wraps];
  const issues = [...issue, '--issuer', 'https://id.example.org', '--out', 'issued.ndjson'];
  assert.equal(run(issues, { env }).status, 69);
  ok([...issues, ...asked], { env });
});

const ENCODE = ['claim169', 'encode', '--issuer', 'https://id.example.org'];
