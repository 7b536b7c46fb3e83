// What the command does when somebody sits before it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { azureProcess } from '../../hardkey/test/support/azure-process.ts';
import { missingBao, startBao } from '../../hardkey/test/support/openbao.ts';
import { SKIP, terminalsOf } from './support/on-terminal.ts';
import { sandbox } from './support/sandbox.ts';

const box = sandbox();
const { ok, run, fails, write, path } = box;
const onTerminal = terminalsOf(box);

const ASK = 'Passphrase of the key store: ';
const AGAIN = 'Once more: ';
const LABEL = ['--algorithm', 'ES256', '--label', 'issuer'];

test('a new store asks for its passphrase twice, and shows it never', SKIP, () => {
  const slip = onTerminal(
    ['key', 'generate', ...LABEL],
    [
      [ASK, 'correct'],
      [AGAIN, 'horse'],
    ],
  );
  assert.equal(slip.status, 64);
  assert.match(slip.shown, /the two are not the same \(ARGUMENT_INVALID field=confirmation\)/);
  const made = onTerminal(
    ['key', 'generate', ...LABEL],
    [
      [ASK, 'correct'],
      [AGAIN, 'correct'],
    ],
  );
  assert.equal(made.status, 0);
  assert.match(made.shown, /encrypted=true/);
  assert.doesNotMatch(made.shown, /correct/);
  write('passphrase', 'correct');
  assert.match(ok(['key', 'list', '--passphrase-file', 'passphrase']), /^file:issuer/);
});

test('a store that is there asks once; a wrong answer and none are 77', SKIP, () => {
  assert.equal(onTerminal(['key', 'list'], [[ASK, 'correct']]).status, 0);
  assert.equal(onTerminal(['key', 'list'], [[ASK, 'horse']]).status, 77);
  assert.equal(onTerminal(['key', 'list'], [[ASK, '\u0003']]).status, 77);
});

test('a store without a passphrase asks for none', SKIP, () => {
  ok(['key', 'generate', ...LABEL, '--store', 'open', '--no-passphrase']);
  const { status, shown } = onTerminal(['key', 'list', '--store', 'open']);
  assert.equal(status, 0);
  assert.match(shown, /^file:issuer\?version=1 /);
});

const encode = [
  'claim169',
  'encode',
  '{"id":"1"}',
  '--key',
  'issuer',
  '--issuer',
  'https://a.example',
  '--store',
  'open',
];

test('encode draws the code, in colours where they are wanted', SKIP, () => {
  const coloured = onTerminal(encode);
  assert.equal(coloured.status, 0);
  assert.match(coloured.shown, /^\u001b\[38;5;16;48;5;231m {20,}\u001b\[0m\r\n/);
  const plain = onTerminal(encode, [], { NO_COLOR: '1' });
  assert.match(plain.shown, /^█{20,}\r\n/);
});

test('a code that does not fit the terminal is drawn with a warning', SKIP, () => {
  const [first = ''] = onTerminal(encode, [], { NO_COLOR: '1' }).shown.split('\r\n');
  const narrow = onTerminal(encode, [], { NO_COLOR: '1' }, first.length - 1);
  assert.equal(narrow.status, 0);
  const warning = `hardkey: warning: the code needs ${first.length} columns, and the terminal has ${first.length - 1}`;
  assert.ok(narrow.shown.startsWith(`${warning}\r\n${first}`), narrow.shown);
  const wide = onTerminal(encode, [], { NO_COLOR: '1' }, first.length);
  assert.ok(wide.shown.startsWith(first));
});

test('bytes do not go to a terminal: 64, before anything is done', SKIP, () => {
  for (const args of [
    ['sign', 'missing'],
    ['sign', 'missing', '--format', 'cose'],
    ['encrypt', 'missing', '--to', 'x'],
  ])
    assert.deepEqual(onTerminal(args), {
      status: 64,
      shown:
        'hardkey: the result is bytes: give --out, or send it elsewhere than to a terminal (ARGUMENT_INVALID field=out)\r\n',
    });
  write('content', 'content');
  const sign = ['sign', 'content', '--key', 'issuer', '--store', 'open'];
  assert.equal(onTerminal([...sign, '--format', 'base64']).status, 0);
  assert.deepEqual(onTerminal([...sign, '--out', 'content.sig']), { status: 0, shown: '' });
  assert.ok(existsSync(path('content.sig')));
});

test('delete asks for the reference, and deletes when it is typed', SKIP, () => {
  const remove = ['key', 'delete', 'issuer', '--store', 'open'];
  const question = 'to delete it with all its versions: ';
  for (const answer of ['yes', '', 'file:issuer ', '\u0003', '\u0004']) {
    const no = onTerminal(remove, [[question, answer]]);
    assert.equal(no.status, 64, JSON.stringify(answer));
    assert.match(no.shown, /not confirmed, and nothing was deleted/);
  }
  assert.equal(onTerminal(remove, [[question, 'file:issuer']]).status, 0);
  fails(['key', 'show', 'file:issuer', '--store', 'open'], 66, 'no such key (KEY_NOT_FOUND ref=file:issuer)');
});

test('delete takes Ctrl-C and the end of the input for no', SKIP, () => {
  ok(['key', 'generate', ...LABEL, '--no-passphrase', '--store', 'kept']);
  const remove = ['key', 'delete', 'issuer', '--store', 'kept'];
  for (const typed of ['\u0003', '\u0004']) {
    const { status, shown } = onTerminal(remove, [['all its versions: ', typed]]);
    assert.match(shown, /not confirmed, and nothing was deleted/);
    assert.equal(status, 64);
  }
  ok(['key', 'show', 'file:issuer', '--store', 'kept']);
});

const CLOUD_SKIP = { skip: SKIP.skip || (missingBao() ?? false) };

test(
  'a key of a server is deleted when its name is typed, also the one that the environment names',
  CLOUD_SKIP,
  async (t) => {
    const bao = await startBao(t);
    const azure = await azureProcess(t);
    const vault = { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.root, A1_VAULT_KEY: 'usual' };
    const usual = `azurekms://${new URL(azure['AZURE_KEYVAULT_URL'] ?? '').host}/usual`;
    const all = 'it with all its versions';
    for (const [named, ref, what, env] of [
      ['hashivault:', 'hashivault://usual', 'what hashivault: stands for', vault],
      ['hashivault://usual', 'hashivault://usual', all, vault],
      [usual, usual, all, azure],
    ] as const) {
      const question = `Type ${ref} to delete ${what}: `;
      ok(['key', 'generate', '--ref', ref, '--algorithm', 'ES256'], { env });
      const no = onTerminal(['key', 'delete', named], [[question, `${ref}x`]], env);
      assert.equal(no.status, 64, no.shown);
      ok(['key', 'show', ref], { env });
      assert.equal(onTerminal(['key', 'delete', named], [[question, ref]], env).status, 0);
      assert.equal(run(['key', 'show', ref], { env }).status, 66);
    }
  },
);
