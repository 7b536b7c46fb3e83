import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { sandbox } from './support/sandbox.ts';

const { path, ok, run, fails, write, read } = sandbox();

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const spki = publicKey.export({ format: 'pem', type: 'spki' });
write('private.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }));
write(
  'signer.mjs',
  `import { readFileSync } from 'node:fs';
import { sign } from 'node:crypto';
process.stdout.write(sign(null, readFileSync(0), readFileSync(process.argv[2])));
`,
);
const signer = (pem: string) => ({
  mode: 'once',
  command: [process.execPath, path('signer.mjs'), path('private.pem')],
  algorithm: 'Ed25519',
  publicKey: pem,
  stdin: 'raw',
  output: 'raw',
  timeoutMs: 20_000,
});
const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' });
write(
  'config.json',
  JSON.stringify({ exec: { hsm: signer(String(spki)), liar: signer(String(other)) }, key: 'exec:hsm' }),
);
write('content', 'content');
const CONFIG = ['--config', 'config.json'];

test('a signer program of the settings signs, by reference, by label and as the default', () => {
  for (const key of [['--key', 'exec:hsm'], ['--key', 'hsm'], []]) {
    const line = ok(['sign', 'content', ...key, '--format', 'base64', ...CONFIG]);
    assert.ok(verify(null, Buffer.from('content'), spki, Buffer.from(line, 'base64')));
  }
});

const ISSUER = ['--issuer', 'https://id.example.org'];
write('people.ndjson', '{"id":"1"}\n{"id":"2"}\n');
for (const args of [
  ...['raw', 'base64', 'jws', 'cose'].map((format) => ['sign', 'content', '--format', format]),
  ['sign', 'content', '--format', 'cose', '--detached'],
  ['claim169', 'encode', '{"id":"1"}', ...ISSUER],
  ['claim169', 'encode', '{"id":"1"}', ...ISSUER, '--out', 'never.png'],
  ['claim169', 'issue', '--in', 'people.ndjson', ...ISSUER, '--out', 'codes.ndjson'],
])
  test(`${args.join(' ')}: by another key than the pinned one it is 76, and nothing leaves`, () => {
    const { status, stdout, stderr } = run([...args, '--key', 'exec:liar', ...CONFIG]);
    assert.deepEqual([status, stdout], [76, '']);
    assert.match(stderr, /\(SIGNER_MISMATCH /);
    assert.equal(existsSync(path('never.png')), false);
    const issued = existsSync(path('codes.ndjson')) ? read('codes.ndjson') : Buffer.alloc(0);
    assert.equal(issued.length, 0);
  });

test('bulk issue keeps all processes of a signer busy at the same time', () => {
  const workers = 20;
  mkdirSync(path('busy'));
  // Each waits until all are there.
  write(
    'patient.sh',
    `touch busy/$$
for _ in $(seq 400); do [ "$(ls busy | wc -l)" -ge ${workers} ] && exec '${process.execPath}' signer.mjs private.pem; sleep 0.1; done
exit 1\n`,
  );
  const patient = { ...signer(String(spki)), command: ['/bin/sh', 'patient.sh'], cwd: path('.'), workers };
  write('patient.json', JSON.stringify({ exec: { hsm: { ...patient, timeoutMs: 60_000 } } }));
  write('crowd.ndjson', Array.from({ length: workers }, (_, n) => `{"id":"${n}"}\n`).join(''));
  const issue = ['claim169', 'issue', '--in', 'crowd.ndjson', ...ISSUER, '--key', 'exec:hsm'];
  const said = ok([...issue, '--config', 'patient.json', '--out', 'crowd.codes.ndjson', '--json']);
  assert.equal(JSON.parse(said).issued, workers);
});

test('its public key and custody are shown', () => {
  assert.equal(ok(['key', 'public', 'exec:hsm', ...CONFIG]), spki);
  assert.equal(JSON.parse(ok(['key', 'show', 'exec:hsm', '--json', ...CONFIG])).custody.place, 'program');
});

test('a program that is not there is 75, and settings that cannot work are 64', () => {
  write(
    'gone.json',
    JSON.stringify({ exec: { gone: { ...signer(String(spki)), command: ['/no/such/program'] } } }),
  );
  assert.equal(run(['sign', 'content', '--key', 'exec:gone', '--config', 'gone.json']).status, 75);
  write('wrong.json', JSON.stringify({ exec: { x: { ...signer(String(spki)), shell: true } } }));
  assert.equal(run(['sign', 'content', '--key', 'exec:x', '--config', 'wrong.json']).status, 64);
  fails(
    ['sign', 'content', '--key', 'exec:hsm'],
    69,
    'no provider for this scheme (UNSUPPORTED provider=exec)',
  );
});
