import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { read } from '../src/program.ts';
import type { CommandRow, LeafRow } from '../src/tree/command.ts';
import { TREE } from '../src/tree/index.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { run, fails, ok, write, path } = sandbox();
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

/** Every command that does something, with the words that lead to it. */
function leaves(row: CommandRow, words: readonly string[] = []): readonly (readonly [string[], LeafRow])[] {
  if (!('commands' in row)) return [[[...words], row]];
  return row.commands.flatMap((child) => leaves(child, [...words, child.name]));
}
const LEAVES = leaves(TREE);

test('the commands are those of the documents', () => {
  assert.deepEqual(
    LEAVES.map(([words]) => words.join(' ')),
    [
      'quickstart',
      'key generate',
      'key import',
      'key list',
      'key show',
      'key check',
      'key public',
      'key set-default',
      'key rotate',
      'key state',
      'key attest',
      'key attestation-key',
      'key verify-attestation',
      'key delete',
      'sign',
      'verify',
      'encrypt',
      'decrypt',
      'cert csr',
      'claim169 encode',
      'claim169 issue',
      'claim169 prepare',
      'claim169 complete',
      'claim169 decode',
      'claim169 inspect',
      'audit verify',
      'doctor',
      'completion',
    ],
  );
});

/** What a command line writes, run here: there are many. */
async function helpOf(args: readonly string[]): Promise<string> {
  let written = '';
  const output = {
    terminal: false,
    write: async (text: string | Uint8Array) => {
      written += String(text);
    },
    note: async () => undefined,
  };
  assert.equal(await read(args, output, version), 0);
  return written;
}

test('--version and -V print the version and nothing else', () => {
  for (const flag of ['--version', '-V']) assert.equal(ok([flag]), `${version}\n`);
});

test('the help of a command names its arguments, options and examples', () => {
  const help = ok(['key', 'state', '--help']);
  assert.match(
    help,
    /^Usage: hardkey key state \[options\] <REF> <STATE>\n\nSay whether a key may be used\.\n/,
  );
  for (const text of ['active, suspended or compromised', '--store <DIR>', '--json', 'Examples:'])
    assert.ok(help.includes(text), text);
  assert.ok(help.includes("  $ hardkey key state 'file:issuer?version=1' compromised\n"));
});

test('the help of every command has its arguments, its options with their sentences, and its examples', async () => {
  for (const [words, { arguments: expected, options, examples }] of LEAVES) {
    // In lines as long as the help, so that none is broken.
    const help = (await helpOf([...words, '--help'])).replace(/\s+/g, ' ');
    assert.ok(help.startsWith(`Usage: hardkey ${words.join(' ')} `), help);
    for (const { name, help: sentence } of expected) {
      assert.ok(help.includes(`<${name}>`) && help.includes(sentence), `${words.join(' ')} ${name}`);
    }
    for (const { name, value, help: sentence, choices = [] } of options) {
      const shown = value === undefined ? `--${name} ${sentence}` : `--${name} <${value}> ${sentence}`;
      assert.ok(help.includes(shown), `${words.join(' ')}: ${shown}`);
      for (const one of choices) assert.ok(help.includes(one), `${words.join(' ')} --${name} ${one}`);
    }
    for (const line of examples) assert.ok(help.includes(`$ hardkey ${line}`), line);
  }
});

test('the help of a group lists its commands', () => {
  for (const flag of ['--help', '-h'])
    assert.match(ok(['key', flag]), /\n {2}set-default \[options\] <REF> /);
});

test('every example uses arguments and options that its command has', () => {
  for (const [words, row] of LEAVES)
    for (const example of row.examples) {
      assert.ok(example.startsWith(words.join(' ')), example);
      const named = [...example.matchAll(/ --([a-z-]+)/g)].map(([, name]) => name);
      for (const name of named)
        assert.ok(
          row.options.some((option) => option.name === name),
          example,
        );
    }
});

test('every command has an example and every option a sentence', () => {
  for (const [words, row] of LEAVES) {
    assert.ok(row.examples.length > 0, words.join(' '));
    for (const { name, help } of row.options) assert.ok(help.length > 5, name);
  }
});

for (const [args, line] of [
  [['nope'], 'no such command (ARGUMENT_INVALID field=command)'],
  [['key', 'genrate'], 'no such command (Did you mean generate?) (ARGUMENT_INVALID field=command)'],
  [['sign'], "missing required argument 'FILE' (ARGUMENT_INVALID field=arguments)"],
  [['sign', 'a', 'b'], 'too many arguments (ARGUMENT_INVALID field=arguments)'],
  [
    ['sign', 'a', '--kee', 'b'],
    'unknown option --kee (Did you mean --key?) (ARGUMENT_INVALID field=options)',
  ],
  [['sign', 'a', '--key'], "option '--key <REF>' argument missing (ARGUMENT_INVALID field=arguments)"],
  [['sign', 'a', '--key', '--detached'], '--key needs a value (ARGUMENT_INVALID field=key)'],
  [['sign', 'a', '--key', 'b', '--key', 'c'], '--key is given twice (ARGUMENT_INVALID field=key)'],
  [
    ['sign', 'a', '--format', 'pgp'],
    '--format is one of raw, der, base64, jws, cose, sshsig (ARGUMENT_INVALID field=format)',
  ],
  [['key', 'generate'], '--algorithm is missing (ARGUMENT_INVALID field=algorithm)'],
  [['completion', 'ksh'], 'SHELL is one of bash, zsh, fish (ARGUMENT_INVALID field=SHELL)'],
] as const)
  test(`hardkey ${args.join(' ')} is 64`, () => fails(args, 64, line));

test('a command line without a command is 64, with the help where results do not go', () => {
  for (const args of [[], ['key'], ['claim169']]) {
    const { status, stdout, stderr } = run(args);
    assert.deepEqual([status, stdout], [64, '']);
    assert.match(stderr, /^Usage: hardkey .*\n/);
  }
});

test('with --json a failure is one JSON object, wherever --json stands', () => {
  const { status, stdout, stderr } = run(['sign', '--json', '-', '--key', 'file:a']);
  assert.deepEqual([status, stdout], [66, '']);
  assert.deepEqual(Object.keys(JSON.parse(stderr)), ['error']);
  assert.deepEqual(Object.keys(JSON.parse(stderr).error), ['code', 'message', 'details']);
  assert.equal(JSON.parse(run(['sign', 'a', 'b', '--json']).stderr).error.code, 'ARGUMENT_INVALID');
});

test('the value of an unknown option is not repeated', () => {
  for (const args of [
    ['sign', 'a', '--passphrase=hunter2'],
    ['claim169', 'decode', 'A', '--passphrase=hunter2'],
  ])
    assert.deepEqual(run(args), {
      status: 64,
      stdout: '',
      stderr: 'hardkey: unknown option --passphrase (ARGUMENT_INVALID field=options)\n',
    });
});

test('a file that is not there is 64, and one line', () => {
  fails(
    ['claim169', 'encode', '-', '--issuer', 'https://a.example', '--config', 'missing.json'],
    64,
    'no such file (ARGUMENT_INVALID path=missing.json)',
    { input: '{}' },
  );
});

test('a path with a line end is shown on one line', () => {
  fails(
    ['sign', '-', '--key', 'file:a', '--config', 'one\ntwo \u001b[31m'],
    64,
    'no such file (ARGUMENT_INVALID path="one\\ntwo \\u001b[31m")',
  );
});

test('settings with a field that is not known are 64, and broken ones 65', () => {
  write('unknown.json', '{"passphrase":"hunter2"}');
  write('broken.json', '{"store":');
  const config = (name: string) => ['key', 'list', '--config', name];
  fails(
    config('unknown.json'),
    64,
    'no such field (ARGUMENT_INVALID field=config.passphrase path=unknown.json)',
  );
  fails(
    config('broken.json'),
    65,
    'the settings are not a JSON object (MALFORMED field=config path=broken.json)',
  );
});

test('a field of the settings of another type is 64 with its name', () => {
  const made = ['--label', 'a', '--algorithm', 'ES256', '--config', 'typed.json'];
  for (const [backend, name, value] of [
    ['tpm', 'folder', 5],
    ['pkcs11', 'tokens', 5],
    ['pkcs11', 'tokens', [5]],
    ['keyring', 'services', 5],
  ] as const) {
    write('typed.json', JSON.stringify({ [backend]: { [name]: value } }));
    const { status, stderr } = run(['key', 'generate', '--backend', backend, ...made]);
    assert.equal(status, 64);
    assert.match(stderr, new RegExp(`the field is .*field=config.${backend}.${name}`));
  }
});

test('output that nobody reads is 75', () => {
  const script = `${COMMAND.join(' ')} completion bash | true; exit \${PIPESTATUS[0]}`;
  const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.deepEqual(
    [status, stderr],
    [75, 'hardkey: the output cannot be written (UNAVAILABLE field=stdout)\n'],
  );
});

test('a folder for standard input is 64, and not empty input', () => {
  const script = `exec ${COMMAND.join(' ')} sign - --key x < /`;
  const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  const line = 'hardkey: a folder, where a file was expected (ARGUMENT_INVALID field=stdin)\n';
  assert.deepEqual([status, stderr], [64, line]);
});

test('a file of 2 GiB is refused before it is read', () => {
  write('huge', '');
  truncateSync(path('huge'), 2 ** 31);
  fails(['sign', 'huge', '--key', 'x'], 65, 'too large (MALFORMED path=huge)');
  fails(['encrypt', 'huge', '--key', 'x'], 65, 'too large (MALFORMED path=huge)');
});

test('a file without an end is refused where nothing large is expected', () => {
  fails(['key', 'list', '--config', '/dev/zero'], 65, 'too large (MALFORMED path=/dev/zero)');
  fails(['key', 'import', '/dev/zero', '--label', 'a'], 65, 'too large (MALFORMED path=/dev/zero)');
});
