// What somebody can do who may write to the folder and does not know the passphrase.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type FailureCode, type FailureDetails, isFailure, type Keys } from 'hardkey';
import { failsWith } from '../../support/failures.ts';
import { fileLike, filesOf, listed, lockedKeys, openKeys, quickStore, scratch } from './support.ts';

const PASS = 'correct horse battery';
const MAKE_PIPE = '/usr/bin/mkfifo';
const RECORD_A = /^a\.\d+\.key\.json$/;

let template = '';

/** A store with the keys a (two versions), b and s (symmetric), a copy for each test. */
function copy(t: TestContext): { readonly store: string; readonly keys: Keys } {
  const store = scratch(t);
  cpSync(template, store, { recursive: true });
  chmodSync(store, 0o700);
  return { store, keys: lockedKeys(store, PASS) };
}

before(async (t) => {
  template = scratch(t as TestContext);
  await quickStore(template, PASS);
  const keys = lockedKeys(template, PASS);
  await keys.create('file:a', { algorithm: 'Ed25519' });
  await keys.rotate('file:a');
  await keys.create('file:b', { algorithm: 'Ed25519' });
  await keys.create('file:s', { algorithm: 'A256GCM' });
  await keys.create('file:r', { algorithm: 'A256GCM' });
});

interface Expected {
  readonly code: FailureCode;
  readonly details: FailureDetails;
}

/** What an attack does to a store, and how opening the key `a`, or another, ends after it. */
interface Attack extends Expected {
  readonly does: (store: string, keys: Keys) => Promise<void> | void;
  readonly opens?: string;
  /** For whoever has the store open: the same, or another end; undefined where nothing of it is read again. */
  readonly running?: Expected | undefined;
}

const RECORD = { code: 'VERIFICATION_FAILED', details: { check: 'store.record' } } as const;
const INDEX = { code: 'VERIFICATION_FAILED', details: { check: 'store.index' } } as const;
const HALF = { code: 'VERIFICATION_FAILED', details: { check: 'store.private-half' } } as const;
const STORE_FILE = { code: 'VERIFICATION_FAILED', details: { check: 'store.file' } } as const;
const PERMISSIONS = { code: 'DENIED', details: { field: 'store.permissions' } } as const;

/** Changes the text of a file of the store. */
function edit(store: string, pattern: RegExp, change: (text: string) => string): void {
  const path = fileLike(store, pattern);
  const text = readFileSync(path, 'utf8');
  assert.notEqual(change(text), text);
  writeFileSync(path, change(text));
}

/** Puts one file of the store in the place of another. */
function swap(store: string, from: RegExp, to: RegExp): void {
  writeFileSync(fileLike(store, to), readFileSync(fileLike(store, from)));
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'a key is active again by hand': {
    ...RECORD,
    async does(store, keys) {
      await keys.setState('file:a', 'compromised');
      edit(store, RECORD_A, (text) => text.replaceAll('compromised', 'active'));
    },
  },
  'the record from before the key was revoked is put back': {
    ...RECORD,
    async does(store, keys) {
      const earlier = readFileSync(fileLike(store, RECORD_A));
      await keys.setState('file:a', 'compromised');
      writeFileSync(fileLike(store, RECORD_A), earlier);
    },
  },
  'the index from before the key was revoked is put back': {
    ...RECORD,
    running: INDEX,
    async does(store, keys) {
      const earlier = readFileSync(join(store, 'index.json'));
      await keys.setState('file:a', 'compromised');
      writeFileSync(join(store, 'index.json'), earlier);
    },
  },
  'the index is edited': {
    ...INDEX,
    does: (store) => edit(store, /^index/, (text) => text.replace('"a"', '"x"')),
  },
  'a record stands in for the index': { ...INDEX, does: (store) => swap(store, RECORD_A, /^index/) },
  'the index stands in for a record': { ...RECORD, does: (store) => swap(store, /^index/, RECORD_A) },
  'the index is deleted': { ...INDEX, does: (store) => rmSync(join(store, 'index.json')) },
  'the record is deleted': { ...RECORD, does: (store) => rmSync(fileLike(store, RECORD_A)) },
  "another key's record is put in its place": {
    ...RECORD,
    does: (store) => swap(store, /^b\..*json/, RECORD_A),
  },
  "another key's record is linked in its place": {
    ...RECORD,
    does(store) {
      const path = fileLike(store, RECORD_A);
      rmSync(path);
      linkSync(fileLike(store, /^b\..*json/), path);
    },
  },
  'a public half is replaced': {
    ...RECORD,
    does(store) {
      const [spki = ''] = /"spki":"[^"]+"/.exec(readFileSync(fileLike(store, /^b\..*json/), 'utf8')) ?? [];
      edit(store, RECORD_A, (text) => text.replace(/"spki":"[^"]+"/, spki));
    },
  },
  'a record says that it needs no code': {
    ...RECORD,
    does: (store) => edit(store, RECORD_A, (text) => text.replace(/\n[0-9a-f]{64}\n/, '\nnone\n')),
  },
  'a record says that its key is kept open': {
    ...RECORD,
    does: (store) => edit(store, RECORD_A, (text) => text.replace('"passphrase"', '"none"')),
  },
  'the store file says that there is no passphrase': {
    running: undefined,
    code: 'DENIED',
    details: { field: 'passphrase' },
    does: (store) => edit(store, /^store/, () => '{"hardkey":1,"protection":"none"}'),
  },
  'the whole store is replaced by one without a passphrase': {
    running: INDEX,
    code: 'DENIED',
    details: { field: 'passphrase' },
    async does(store) {
      rmSync(store, { recursive: true });
      await openKeys(store).create('file:a', { algorithm: 'Ed25519' });
    },
  },
  'the store file is deleted': {
    running: undefined,
    ...STORE_FILE,
    does: (store) => rmSync(join(store, 'store.json')),
  },
  'the store file holds another key of the store': {
    running: undefined,
    ...STORE_FILE,
    does(store) {
      const jwe = readFileSync(join(store, 's.1.jwe'), 'utf8');
      edit(store, /^store/, (text) => JSON.stringify({ ...(JSON.parse(text) as object), recordKey: jwe }));
    },
  },
  'the store file of another store with the same passphrase is put there': {
    running: undefined,
    ...INDEX,
    async does(store) {
      const other = `${store}-other`;
      await quickStore(other, PASS);
      writeFileSync(join(store, 'store.json'), readFileSync(join(other, 'store.json')));
    },
  },
  "another key's private half is put in its place": {
    ...HALF,
    does: (store) => swap(store, /^b\.1\.pem/, /^a\.2\.pem/),
  },
  "an earlier version's private half is put in its place": {
    ...HALF,
    does: (store) => swap(store, /^a\.1\.pem/, /^a\.2\.pem/),
  },
  "another symmetric key's private half is put in its place": {
    ...HALF,
    opens: 'file:s',
    does: (store) => swap(store, /^r\.1\.jwe/, /^s\.1\.jwe/),
  },
  'the private half of a symmetric key of that name that was destroyed is put back': {
    ...HALF,
    opens: 'file:s',
    async does(store, keys) {
      const earlier = readFileSync(join(store, 's.1.jwe'));
      await keys.destroy('file:s');
      await keys.create('file:s', { algorithm: 'A256GCM' });
      writeFileSync(join(store, 's.1.jwe'), earlier);
    },
  },
  'the record key stands in for a symmetric key': {
    ...HALF,
    opens: 'file:s',
    does(store) {
      const { recordKey } = JSON.parse(readFileSync(join(store, 'store.json'), 'utf8')) as {
        recordKey: string;
      };
      writeFileSync(join(store, 's.1.jwe'), recordKey);
    },
  },
  'the private half is deleted': { ...HALF, does: (store) => rmSync(join(store, 'a.2.pem')) },
  'the private half is emptied': { ...HALF, does: (store) => writeFileSync(join(store, 'a.2.pem'), '') },
  'the private half is cut short': {
    ...HALF,
    does: (store) => edit(store, /^a\.2\.pem/, (text) => text.slice(0, text.length / 2)),
  },
  'the private half asks for years of work': {
    ...HALF,
    does: (store) => writeFileSync(join(store, 'a.2.pem'), hostilePem()),
  },
  'the private half of a symmetric key asks for years of work': {
    ...HALF,
    opens: 'file:s',
    does(store) {
      const path = join(store, 's.1.jwe');
      const [header = '', ...rest] = readFileSync(path, 'utf8').split('.');
      const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
      const text = Buffer.from(JSON.stringify({ ...parsed, p2c: 2 ** 31 })).toString('base64url');
      writeFileSync(path, [text, ...rest].join('.'));
    },
  },
  'a link stands in for the record': { ...PERMISSIONS, does: (store) => moveAndLink(store, RECORD_A) },
  'a link stands in for the index': { ...PERMISSIONS, does: (store) => moveAndLink(store, /^index/) },
  'a link stands in for the store file': {
    running: undefined,
    ...PERMISSIONS,
    does: (store) => moveAndLink(store, /^store/),
  },
  'a link stands in for the private half': {
    ...PERMISSIONS,
    does: (store) => moveAndLink(store, /^a\.2\.pem/),
  },
  'a link stands in for the folder': {
    ...PERMISSIONS,
    does(store) {
      renameSync(store, `${store}-moved`);
      symlinkSync(`${store}-moved`, store);
    },
  },
  'a file stands in for the folder': {
    ...PERMISSIONS,
    does(store) {
      rmSync(store, { recursive: true });
      writeFileSync(store, '', { mode: 0o600 });
    },
  },
  'a pipe stands in for the record': { ...PERMISSIONS, does: (store) => pipe(fileLike(store, RECORD_A)) },
  'a pipe stands in for the store file': {
    running: undefined,
    ...PERMISSIONS,
    does: (store) => pipe(join(store, 'store.json')),
  },
  'a pipe stands in for the private half': { ...PERMISSIONS, does: (store) => pipe(join(store, 'a.2.pem')) },
  'a folder stands in for the record': {
    ...PERMISSIONS,
    does(store) {
      const path = fileLike(store, RECORD_A);
      rmSync(path);
      mkdirSync(path, { mode: 0o700 });
    },
  },
  'a socket stands in for the private half': {
    ...PERMISSIONS,
    async does(store) {
      const path = join(store, 'a.2.pem');
      rmSync(path);
      const server = createServer().unref();
      await new Promise<void>((resolve) => server.listen(path, resolve));
      chmodSync(path, 0o600);
    },
  },
  'the folder is open to others': { ...PERMISSIONS, does: (store) => chmodSync(store, 0o710) },
  'the record is open to others': {
    ...PERMISSIONS,
    does: (store) => chmodSync(fileLike(store, RECORD_A), 0o604),
  },
  'the index is open to others': {
    ...PERMISSIONS,
    does: (store) => chmodSync(join(store, 'index.json'), 0o620),
  },
  'the store file is open to others': {
    running: undefined,
    ...PERMISSIONS,
    does: (store) => chmodSync(join(store, 'store.json'), 0o640),
  },
  'the private half is open to others': {
    ...PERMISSIONS,
    does: (store) => chmodSync(join(store, 'a.2.pem'), 0o640),
  },
  'a file of the store is filled without end': {
    running: undefined,
    code: 'MALFORMED',
    details: {},
    does: (store) => writeFileSync(join(store, 'store.json'), new Uint8Array(1 << 20)),
  },
};

function moveAndLink(store: string, pattern: RegExp): void {
  const path = fileLike(store, pattern);
  renameSync(path, `${store}-moved`);
  symlinkSync(`${store}-moved`, path);
}

/** Nobody ever writes to it: to wait would be to hang. */
function pipe(path: string): void {
  rmSync(path);
  assert.equal(spawnSync(MAKE_PIPE, ['-m', '600', path]).status, 0);
}

/** RFC 8018: PBES2 with 2^31 - 1 rounds. */
function hostilePem(): string {
  const der =
    '3081a1305d06092a864886f70d01050d3050302f06092a864886f70d01050c302204100000000000000000000000000000000002047fffffff300c06082a864886f70d02090500301d0609608648016503040' +
    `12a0410${'00'.repeat(16)}0440${'00'.repeat(64)}`;
  const lines = Buffer.from(der, 'hex')
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

for (const [name, attack] of Object.entries(ATTACKS)) {
  const { does, code, details, opens = 'file:a' } = attack;
  test(`${name}: ${code}, ${details.check ?? details.field}`, async (t) => {
    const { store, keys } = copy(t);
    await keys.open(opens);
    await does(store, keys);
    await assert.rejects(lockedKeys(store, PASS).open(opens), failsWith(code, details));
    const running = 'running' in attack ? attack.running : attack;
    if (running === undefined) await keys.open(opens);
    else await assert.rejects(keys.open(opens), failsWith(running.code, running.details));
  });
}

test('only who has the store open can tell that all of it was put back', async (t) => {
  const { store, keys } = copy(t);
  await keys.open('file:a');
  const earlier = filesOf(store);
  await keys.setState('file:a', 'compromised');
  for (const [name, text] of earlier) {
    writeFileSync(join(store, name), text, { encoding: 'latin1', mode: 0o600 });
  }
  await assert.rejects(keys.open('file:a'), failsWith('VERIFICATION_FAILED', { check: 'store.index' }));
  assert.equal((await lockedKeys(store, PASS).open('file:a')).state, 'active');
});

test('no byte of a record or of the index can be changed by somebody without the passphrase', async (t) => {
  const { store, keys } = copy(t);
  for (const path of [fileLike(store, RECORD_A), join(store, 'index.json')]) {
    const original = readFileSync(path);
    for (let at = 0; at < original.length; at++) {
      const changed = Uint8Array.from(original);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await assert.rejects(listed(keys), failsWith('VERIFICATION_FAILED'), `byte ${at}`);
    }
    writeFileSync(path, original);
    await listed(keys);
  }
});

test('a key that is open signs no more when its store was tampered with', async (t) => {
  const { store, keys } = copy(t);
  const signer = (await keys.open('file:a')).use('Ed25519');
  await signer.sign(new Uint8Array());
  edit(store, /^index/, (text) => text.replace('"a"', '"x"'));
  // It looks again after a moment; until then it may go by what it saw.
  await until(async () => {
    const failure = await signer.sign(new Uint8Array()).catch((error: unknown) => error);
    return (
      !(failure instanceof Uint8Array) && failsWith('VERIFICATION_FAILED', { check: 'store.index' })(failure)
    );
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(10);
}

test('nothing of a store that was tampered with is removed', async (t) => {
  const { store, keys } = copy(t);
  const before = filesOf(store);
  rmSync(fileLike(store, RECORD_A));
  for (const act of [
    () => keys.create('file:a', { algorithm: 'Ed25519' }),
    () => keys.rotate('file:a'),
    () => keys.setState('file:a', 'suspended'),
    () => keys.destroy('file:a'),
  ]) {
    await assert.rejects(act(), (error) => isFailure(error));
  }
  assert.deepEqual([...before.keys()].filter((name) => !filesOf(store).has(name)).length, 1);
});

test('a store file that is missing is not replaced by a new one', async (t) => {
  const { store } = copy(t);
  rmSync(join(store, 'store.json'));
  const before = filesOf(store);
  await assert.rejects(
    lockedKeys(store, PASS).create('file:new', { algorithm: 'Ed25519' }),
    failsWith('VERIFICATION_FAILED', { check: 'store.file' }),
  );
  assert.deepEqual(filesOf(store), before);
});

test('after the index was put back by some writes, nothing is written over what came later', async (t) => {
  const { store, keys } = copy(t);
  const earlier = readFileSync(join(store, 'index.json'));
  await keys.create('file:c', { algorithm: 'Ed25519' });
  await keys.create('file:d', { algorithm: 'Ed25519' });
  writeFileSync(join(store, 'index.json'), earlier);
  const before = filesOf(store);
  await assert.rejects(
    lockedKeys(store, PASS).create('file:d', { algorithm: 'Ed25519' }),
    failsWith('VERIFICATION_FAILED', { check: 'store.index' }),
  );
  assert.deepEqual(filesOf(store), before);
});
