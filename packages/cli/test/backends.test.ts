// The same commands, word for word, with a key of every backend that keeps keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendsIn } from './support/backends.ts';
import { MADE, type Made, sandbox } from './support/sandbox.ts';

const box = sandbox();
const { write, read } = box;
write('report', 'the report');
write('people.ndjson', '{"id":"1","fullName":"Ana"}\n{"id":"2","fullName":"Ben"}\n');

const ISSUER = ['--issuer', 'https://id.example.org'];

interface Row {
  readonly ref: string;
  readonly label: string;
  readonly backend: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly algorithms: readonly string[];
  readonly custody: { readonly place: string; readonly level: string };
  readonly default: boolean;
}

for (const { name, skip, start, env, custody } of backendsIn(box)) {
  test(`a key of ${name} is made, listed, used, the default, and deleted`, { skip }, async () => {
    const [config, pem] = [`${name}.json`, `${name}.pem`];
    write(config, JSON.stringify(await start()));
    // The file store alone has a passphrase to be given.
    const more = ['--config', config, ...(name === 'file' ? ['--passphrase-file', 'passphrase'] : [])];
    const hardkey = (...args: readonly string[]): string => box.ok([...args, ...more], { env: env() });
    const rows = (): readonly Row[] => JSON.parse(hardkey('key', 'list', '--json')) as readonly Row[];

    const generate = ['key', 'generate', '--backend', name, '--label', 'issuer', '--algorithm', 'ES256'];
    const made = JSON.parse(hardkey(...generate, '--json')) as Made;
    assert.deepEqual(Object.keys(made), MADE);
    write(pem, made.publicKeyPem ?? '');

    const [row, ...others] = rows();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [row?.label, row?.backend, row?.state, row?.fingerprint, row?.algorithms[0], row?.default],
      ['issuer', name, 'active', made.fingerprint, 'ES256', false],
    );
    assert.deepEqual([row?.custody.place, row?.custody.level], custody);

    for (const key of ['issuer', made.ref, made.keyId]) {
      hardkey('sign', 'report', '--key', key, '--out', `${name}.sig`);
      const verify = ['verify', 'report', '--signature', `${name}.sig`, '--trust', pem];
      assert.equal(box.ok(verify), 'verified\n');
    }

    hardkey('key', 'set-default', 'issuer');
    assert.equal(rows()[0]?.default, true);
    hardkey('claim169', 'encode', '{"id":"1","fullName":"Ana"}', ...ISSUER, '--out', `${name}.txt`);
    const decode = ['claim169', 'decode', `${name}.txt`, '--trust', pem, '--json'];
    assert.match(box.ok(decode), /"fullName": "Ana"/);
    const issue = ['claim169', 'issue', '--in', 'people.ndjson', '--key', 'issuer', ...ISSUER];
    hardkey(...issue, '--out', `${name}.ndjson`);
    const [, second = ''] = read(`${name}.ndjson`).toString().trim().split('\n');
    const { text } = JSON.parse(second) as { text: string };
    assert.match(box.ok(['claim169', 'decode', text, '--trust', pem, '--json']), /"fullName": "Ben"/);

    const asked = box.run(['key', 'delete', 'issuer', ...more], { env: env() });
    assert.equal(asked.status, 64);
    const deleted = box.run(['key', 'delete', 'issuer', '--yes', ...more], { env: env() });
    const note = 'hardkey: this was the default key: `hardkey key set-default` names another\n';
    assert.deepEqual([deleted.status, deleted.stderr], [0, note]);
    assert.deepEqual(rows(), []);
    const gone = box.run(['sign', 'report', ...more], { env: env() });
    assert.deepEqual([gone.status, gone.stdout], [66, '']);
  });
}
