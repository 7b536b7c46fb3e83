// Completions in the real shells: each is typed at, on a terminal of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import type { CommandRow } from '../src/tree/command.ts';
import { TREE } from '../src/tree/index.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const { ok, write, work, path, environment, generate } = sandbox();
const python = component('python3');
const TERMINAL = join(import.meta.dirname, 'support/terminal.py');

// The command, as the shells find it: the names of keys are asked of it.
mkdirSync(path('bin'));
writeFileSync(path('bin/hardkey'), `#!/bin/sh\nexec ${COMMAND.map((word) => `'${word}'`).join(' ')} "$@"\n`);
chmodSync(path('bin/hardkey'), 0o755);
for (const label of ['issuer', 'issuer-2', 'reader']) generate('Ed25519', label);
generate('Ed25519', 'other', '--store', 'elsewhere');
write('issuer.pem', '');
write('signer.json', JSON.stringify({ exec: { hsm: {}, '$(touch ran)': {} } }));

const PROMPT = 'ready> ';
const START_OF_LINE = '\u0001';
/** Puts all that can stand at the cursor into the line: what bash does at Alt-*, and zsh as it is told below. */
const ALL = { bash: '\u001b*', zsh: '\u0018' } as const;

write('bashrc', `PS1='${PROMPT}'; PATH="$PWD/bin:$PATH"; source ./bash.sh\n`);
write(
  '.zshrc',
  `PS1='${PROMPT}'; PATH="$PWD/bin:$PATH"; autoload -U compinit; compinit -u -D; source ./zsh.sh
zle -C all-matches complete-word _generic; bindkey '^X' all-matches
zstyle ':completion:all-matches::::' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert true\n`,
);
for (const shell of ['bash', 'zsh', 'fish']) write(`${shell}.sh`, ok(['completion', shell]));

/** What a line becomes when all that fits at its end is put in. */
const LINES: readonly (readonly [line: string, completed: string])[] = [
  ['cl', 'claim169'],
  ['key s', 'key set-default show state'],
  ['audit ', 'audit verify'],
  ['completion ', 'completion bash fish zsh'],
  ['key state issuer s', 'key state issuer suspended'],
  ['sign --fo', 'sign --format'],
  ['claim169 decode --st', 'claim169 decode --store --strict'],
  // Values.
  ['sign file --format j', 'sign file --format jws'],
  ['key generate --algorithm Ed', 'key generate --algorithm Ed25519 Ed448'],
  ['key generate --algorithm=ES38', 'key generate --algorithm=ES384'],
  ['claim169 issue --format ', 'claim169 issue --format png svg txt'],
  ['claim169 encode --profile c', 'claim169 encode --profile claim169-0.3'],
  // Labels of keys, and signers of the settings.
  ['sign file --key i', 'sign file --key issuer issuer-2'],
  ['key show r', 'key show reader'],
  ['claim169 encode --encrypt-with re', 'claim169 encode --encrypt-with reader'],
  ['sign --store elsewhere --key ', 'sign --store elsewhere --key other'],
  ['sign --config signer.json --key e', 'sign --config signer.json --key exec:hsm'],
  ['sign --config signer.json --key exec:', 'sign --config signer.json --key exec:hsm'],
  // Files are the shell's own.
  ['verify --trust iss', 'verify --trust issuer.pem'],
  ['sign iss', 'sign issuer.pem'],
];

/** Types the lines at a shell, and gives the words of each as the shell has them in the end. */
function typed(shell: keyof typeof ALL, program: string, args: readonly string[]): readonly string[] {
  const print = `${START_OF_LINE}printf '<%s>\\n' `;
  const lines = LINES.map(([line]) => `hardkey ${line}${ALL[shell]}${print}`);
  const talk = [...lines, 'exit'].map((line) => [PROMPT, line]);
  const task = JSON.stringify({ command: [program, ...args], talk });
  const env = { ...environment, ZDOTDIR: work, TERM: 'dumb', PATH: process.env['PATH'] ?? '' };
  const options = { cwd: work, env, encoding: 'utf8', timeout: 120_000 } as const;
  const { stdout, status } = spawnSync(python.path, [TERMINAL, task], options);
  assert.equal(status, 0, stdout);
  const words = [...stdout.matchAll(/<([^<>\r\n]*)>\r?\n/g)].map(([, word = '']) => word);
  return words
    .join(' ')
    .split(/(?:^| )hardkey /)
    .slice(1);
}

/** Each shell has an order of its own. */
function sorted(line: string): string {
  return line.split(' ').sort().join(' ');
}

const EXPECTED = LINES.map(([, completed]) => completed);

for (const [shell, args, program] of [
  ['bash', ['--noprofile', '--rcfile', './bashrc', '-i'], { path: '/bin/bash' }],
  ['zsh', ['-d', '-i'], component('zsh')],
] as const)
  test(`${shell} completes commands, options, values and names of keys`, {
    skip: python.missing ?? ('missing' in program ? program.missing : undefined) ?? false,
  }, () => {
    assert.deepEqual(typed(shell, program.path, args).map(sorted), EXPECTED.map(sorted));
    assert.equal(existsSync(path('ran')), false);
  });

const fish = component('fish');

/** What fish offers at the ends of lines, with what it says of each word. */
function offered(lines: readonly string[]): readonly (readonly string[])[] {
  const script = 'source ./fish.sh; for line in $argv; complete -C "$line"; echo ==; end';
  const env = { ...environment, PATH: `${path('bin')}:${process.env['PATH']}` };
  const args = ['--no-config', '-c', script, ...lines.map((line) => `hardkey ${line}`)];
  const { stdout, stderr } = spawnSync(fish.path, args, { cwd: work, env, encoding: 'utf8' });
  assert.equal(stderr, '');
  const answers = stdout.split('==\n').slice(0, -1);
  return answers.map((answer) => answer.split('\n').slice(0, -1));
}

test('fish completes commands, options, values and names of keys', { skip: fish.missing ?? false }, () => {
  const completed = offered(LINES.map(([line]) => line)).map((words, at) => {
    const before = LINES[at]?.[0].split(' ').slice(0, -1) ?? [];
    return [...before, ...words.map((word) => word.split('\t')[0] ?? '')].join(' ');
  });
  assert.deepEqual(completed.map(sorted), EXPECTED.map(sorted));
});

test('fish says what each word is', { skip: fish.missing ?? false }, () => {
  assert.deepEqual(offered(['key sh']), [['show\tsay what is known of one key']]);
});

test('names are there without a passphrase, and where there is no store there are none', () => {
  write('passphrase', 'correct horse');
  const store = ['--store', 'closed'];
  ok([
    'key',
    'generate',
    '--algorithm',
    'ES256',
    '--label',
    'a.b-1',
    '--passphrase-file',
    'passphrase',
    ...store,
  ]);
  const names = (...more: readonly string[]) => ok(['key', 'list', '--names', ...more]);
  assert.equal(names(...store), 'a.b-1\n');
  assert.equal(names('--store', 'none'), '');
  assert.deepEqual(JSON.parse(names('--json')), ['issuer', 'issuer-2', 'reader']);
  assert.equal(existsSync(path('none')), false);
});

/** Every word of the tree. */
function words(row: CommandRow): readonly string[] {
  if ('commands' in row) return [row.name, ...row.commands.flatMap(words)];
  return [row.name, ...row.options.map(({ name }) => name)];
}

for (const shell of ['bash', 'zsh', 'fish'])
  test(`the script for ${shell} names every command and option`, () => {
    const script = ok(['completion', shell]);
    for (const word of words(TREE)) assert.ok(script.includes(word), word);
  });
