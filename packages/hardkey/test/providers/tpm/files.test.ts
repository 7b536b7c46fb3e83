// Keys of a TPM in files: what is written, what is listed, and what is left alone.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, type Keys, Secret } from 'hardkey';
import { tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { decodePem, encodePem } from '../../../src/encoding/pem.ts';
import { keyFileLabel } from '../../../src/protocols/tpm/key-file.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { swtpmFor } from '../../support/swtpm.ts';

const skip = component('swtpm').missing ?? false;
const SPEC = { algorithm: 'ES256' } as const;

interface Folder {
  readonly keys: Keys;
  readonly device: string;
  readonly path: (name: string) => string;
  readonly refOf: (name: string) => string;
}

async function folderFor(t: TestContext): Promise<Folder> {
  const { state, device } = await swtpmFor(t);
  const folder = join(state, 'keys');
  mkdirSync(folder);
  const keys = createKeys([tpm({ device, folder })]);
  t.after(() => keys.close());
  const path = (name: string): string => join(folder, name);
  return { keys, device, path, refOf: (name) => `tpm:file=${path(name)}` };
}

test('a key file is for its owner alone, and nothing else is left beside it', { skip }, async (t) => {
  const { keys, path, refOf } = await folderFor(t);
  const { label } = await keys.create(refOf('issuer.pem'), SPEC);
  assert.equal(label, 'issuer');
  assert.equal(statSync(path('issuer.pem')).mode & 0o777, 0o600);
  await assert.rejects(keys.create(refOf('issuer.pem'), SPEC), failsWith('KEY_EXISTS'));
  assert.deepEqual(readdirSync(path('.')), ['issuer.pem']);
});

test('a folder that is not there is UNAVAILABLE, and no key that is missing', { skip }, async (t) => {
  const { keys, refOf, path } = await folderFor(t);
  await assert.rejects(
    keys.create(refOf('none/issuer.pem'), SPEC),
    failsWith('UNAVAILABLE', { path: path('none/issuer.pem') }),
  );
});

test('keys of a folder are listed, and what is for others or no key is passed over', { skip }, async (t) => {
  const { keys, device, path, refOf } = await folderFor(t);
  const other = await folderFor(t);
  await keys.create(refOf('issuer.pem'), SPEC);
  await other.keys.create(other.refOf('elsewhere.pem'), SPEC);
  writeFileSync(path('elsewhere.pem'), readFileSync(other.path('elsewhere.pem')));
  writeFileSync(path('notes.txt'), 'no key');
  mkdirSync(path('more'));
  const device2 = tpm({ device });
  writeFileSync(path('sealed.pem'), await device2.seal(new Secret(new Uint8Array(8))));
  await device2.close();
  // The last byte of the object identifier makes it a key that has yet to be imported.
  const [{ bytes } = { bytes: new Uint8Array() }] = decodePem(readFileSync(path('issuer.pem'), 'latin1'));
  const importable = Uint8Array.from(bytes);
  const at = Buffer.from(bytes).indexOf(Buffer.from('6781050a01', 'hex'));
  assert.ok(at > 0);
  importable[at + 5] = 4;
  writeFileSync(path('importable.pem'), encodePem(keyFileLabel, importable));
  await assert.rejects(keys.open(refOf('importable.pem')), failsWith('UNSUPPORTED'));
  const listed = await collected(keys.list());
  assert.deepEqual(
    listed.map(({ label }) => label),
    ['issuer'],
  );
  writeFileSync(path('broken.pem'), encodePem(keyFileLabel, bytes.subarray(0, 40)));
  await assert.rejects(collected(keys.list()), failsWith('MALFORMED'));
});

test('what is no key is not removed', { skip }, async (t) => {
  const { keys, path, refOf } = await folderFor(t);
  writeFileSync(path('notes.txt'), 'no key');
  await assert.rejects(keys.destroy(refOf('notes.txt')), failsWith('MALFORMED'));
  assert.equal(readFileSync(path('notes.txt'), 'utf8'), 'no key');
});
