import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, test } from 'node:test';
import { gnomeKeyring, password, startSession } from '../../hardkey/test/support/gnome-keyring.ts';
import { MADE, sandbox } from './support/sandbox.ts';

const { ok, run, fails, write, spawn } = sandbox();
const skip = gnomeKeyring.missing ?? false;
const session = gnomeKeyring.missing === undefined ? await startSession() : undefined;
after(() => session?.end());

// The home of the session, where the keyring is.
const env = { ...session?.env };
const REF = 'keyring:service=hardkey;account=issuer';
const GENERATE = ['key', 'generate', '--ref', REF, '--algorithm', 'ES256', '--json'];
write('content', 'content');

test('a key is made, used, listed and deleted by its full reference, without settings', { skip }, () => {
  const made = JSON.parse(ok(GENERATE, { env }));
  assert.deepEqual(Object.keys(made), MADE);
  assert.equal(made.ref, REF);
  assert.equal(made.custody.facts.protection, 'software key, protected by the OS');
  const { stdout } = spawn(['sign', 'content', '--key', REF], { env });
  assert.ok(
    verify('sha256', Buffer.from('content'), { key: made.publicKeyPem, dsaEncoding: 'ieee-p1363' }, stdout),
  );
  for (const ref of ['keyring:', 'keyring:service=hardkey']) {
    const listed = JSON.parse(ok(['key', 'list', '--ref', ref, '--json'], { env }));
    assert.deepEqual(
      listed.map((one: { ref: string }) => one.ref),
      [REF],
    );
  }
  assert.equal(ok(['key', 'list', '--ref', 'keyring:service=other', '--json'], { env }), '[]\n');
  const again = run(GENERATE, { env });
  assert.equal(again.status, 73);
  assert.equal(ok(['key', 'delete', REF, '--yes'], { env }), `${REF} deleted\n`);
  assert.equal(run(['key', 'show', REF], { env }).status, 66);
});

test('the keyring of the settings is listed, and its keys are found by label', { skip }, () => {
  write('config.json', JSON.stringify({ keyring: { services: ['hardkey', 'other'] } }));
  const settings = ['--config', 'config.json'];
  for (const service of ['hardkey', 'other']) {
    ok(
      [
        'key',
        'generate',
        '--ref',
        `keyring:service=${service};account=${service}-key`,
        '--algorithm',
        'Ed25519',
      ],
      { env },
    );
  }
  const listed = JSON.parse(ok(['key', 'list', '--json', ...settings], { env }));
  assert.deepEqual(
    listed.map((one: { label: string }) => one.label),
    ['hardkey-key', 'other-key'],
  );
  assert.match(ok(['key', 'show', 'other-key', ...settings], { env }), /software key, protected by the OS/);
});

test('a locked keyring is 77, and none at all is 75: nothing is kept elsewhere', { skip }, async () => {
  await session?.start();
  const locked = run(GENERATE, { env });
  await session?.start(password);
  assert.equal(locked.status, 77);
  assert.match(locked.stderr, /DENIED.*the keyring is locked/);
  fails(
    GENERATE.slice(0, -1),
    75,
    `no keyring answers in this session: is gnome-keyring or KWallet running, and does $DBUS_SESSION_BUS_ADDRESS lead there? (UNAVAILABLE ref=${REF} provider=keyring)`,
    { env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/none', XDG_RUNTIME_DIR: '/none' } },
  );
  assert.equal(run(['key', 'show', REF], { env }).status, 66);
});
