// The commands of the guide for issuers, as they stand there and in their order.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../scripts/components/index.ts';
import { readPages } from '../../../scripts/docs/pages.ts';
import { COMMAND, sandbox } from './support/sandbox.ts';

const openssl = component('openssl');
const ROOT = join(import.meta.dirname, '../../..');
const blocks = readPages(ROOT).find(({ file }) => file === 'docs/guides/issuers.md')?.blocks ?? [];
const codeOf = (language: string): string =>
  blocks
    // Photos need files of their own, and have tests of their own.
    .filter((block) => block.language === language && !/--photo|picture/.test(block.code))
    .map(({ code }) => code)
    .join('\n');

const { folder, home, work, write } = sandbox();

/** The command on the source. Where the guide's reader is asked for a passphrase, nobody is here. */
const HARDKEY = `#!/bin/sh
case "$1 $2" in 'key generate') set -- "$@" --no-passphrase ;; esac
exec ${COMMAND.map((part) => `'${part}'`).join(' ')} "$@"
`;

const IDENTITY = { id: '3918592438', fullName: 'Ana Example', dateOfBirth: '19840418' };

test('every command of docs/guides/issuers.md works as it is written', {
  skip: openssl.missing ?? false,
}, () => {
  const bin = join(folder, 'bin');
  const media = join(folder, 'media');
  for (const one of [bin, media]) mkdirSync(one);
  writeFileSync(join(bin, 'hardkey'), HARDKEY);
  chmodSync(join(bin, 'hardkey'), 0o755);
  write('identity.json', JSON.stringify(IDENTITY));
  write('people.csv', codeOf('csv'));
  const env = { HOME: home, PATH: `${bin}:${process.env['PATH']}` };
  const shell = (script: string) =>
    spawnSync('sh', ['-eux', '-c', script], { cwd: work, encoding: 'utf8', env });

  // What the guide's reader has: a key on another machine, and certificates.
  const made = shell(`umask 077
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out root.key
    openssl pkey -in root.key -pubout -out root.pem
    cp root.key ${media}/root.pem
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out root-ca.pem \
      -days 30 -subj /CN=Country -addext keyUsage=critical,keyCertSign`);
  assert.equal(made.status, 0, made.stderr);

  const script = codeOf('sh').replaceAll('/media/', `${media}/`);
  assert.equal(script.split('hardkey ').length - 1, 19);
  // The country certifies the key as soon as it has been made.
  const certify = `openssl x509 -new -force_pubkey issuer.pem -CA root-ca.pem -CAkey ca.key -days 20 \
      -subj /CN=Issuer -out chain.pem`;
  const issuer = 'hardkey key public issuer --out issuer.pem\n';
  assert.ok(script.includes(issuer));
  const { status, stderr } = shell(script.replace(issuer, `${issuer}${certify}\n`));
  assert.equal(status, 0, stderr);
  const codes = readdirSync(join(work, 'codes'));
  assert.deepEqual(codes.filter((name) => name.endsWith('.png')).sort(), ['000000002.png', '000000003.png']);

  const decoded = shell('hardkey claim169 decode ana.png --trust root.pem --json');
  assert.equal(JSON.parse(decoded.stdout).identity.fullName, IDENTITY.fullName);
  assert.ok(readFileSync(join(work, 'issuer.pem'), 'utf8').startsWith('-----BEGIN PUBLIC KEY-----'));
});
