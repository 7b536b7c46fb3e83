import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { decodePem, encodePem } from '../../../src/encoding/pem.ts';
import {
  decodeKeyDer,
  decodeKeyFile,
  encodeKeyFile,
  keyFileLabel,
} from '../../../src/protocols/tpm/key-file.ts';
import { publicKeyOfArea } from '../../../src/providers/tpm/algorithms.ts';
import { failsWith } from '../../support/failures.ts';

const folder = vectors('provenance/tss2');
const skip = folder.missing ?? false;
const text = (name: string): string => readFileSync(join(folder.path, name), 'latin1');

test('files of other programs are read', { skip }, () => {
  for (const [name, emptyAuth, type] of [
    ['p256-node-writer.tss2.pem', true, 'ECC'],
    ['p384-tpm2-tools-5.4.tss2.pem', false, 'ECC'],
    ['go-tpm-keyfiles-p256-authvalue.tpm', true, 'ECC'],
    ['go-tpm-keyfiles-rsa-key.tpm', true, 'RSA'],
    ['go-tpm-keyfiles-rsa-tpm-password.tpm', false, 'RSA'],
    ['smallstep-ec-tss2.pem', true, 'ECC'],
  ] as const) {
    const file = decodeKeyFile(text(name));
    assert.deepEqual([file.kind, file.emptyAuth, file.publicArea.type], ['loadable', emptyAuth, type], name);
    assert.equal(file.parent, 0x40000001, name);
  }
});

test('a file that another program wrote is written again to the byte', { skip }, () => {
  for (const name of ['p256-node-writer.tss2.pem', 'smallstep-ec-tss2.pem']) {
    const [block] = decodePem(text(name));
    const again = decodePem(encodeKeyFile(decodeKeyFile(text(name))));
    assert.deepEqual(again[0]?.bytes, block?.bytes, name);
  }
});

test('the public key is the one that came with the file', { skip }, async () => {
  for (const name of ['p256-node-writer', 'p384-tpm2-tools-5.4']) {
    const { publicArea } = decodeKeyFile(text(`${name}.tss2.pem`));
    const { spki } = await publicKeyOfArea(publicArea);
    const theirs = createPublicKey(text(`${name}.pub.pem`)).export({ type: 'spki', format: 'der' });
    assert.deepEqual(Buffer.from(spki), theirs, name);
  }
});

test('policies, descriptions and an RSA parent are kept', { skip }, () => {
  const plain = decodeKeyFile(text('p256-node-writer.tss2.pem'));
  const file = {
    ...plain,
    emptyAuth: false,
    description: 'clé du guichet',
    rsaParent: true,
    policy: [
      { commandCode: 0x17f, parameters: Uint8Array.of(0, 0, 0, 0, 0, 0) },
      { commandCode: 0x16b, parameters: new Uint8Array() },
    ],
  };
  assert.deepEqual(decodeKeyFile(encodeKeyFile(file)), file);
});

test('a policy that offers a choice is UNSUPPORTED only where it has no list of steps', { skip }, () => {
  // It has both: a list, and a choice of two with another signature.
  const { policy } = decodeKeyFile(text('go-tpm-keyfiles-skey.tpm'));
  assert.deepEqual(
    policy.map(({ commandCode }) => commandCode),
    [0x16a],
  );
});

test('a file that is broken is MALFORMED, and says where', { skip }, () => {
  const [block] = decodePem(text('p256-node-writer.tss2.pem'));
  const bytes = block?.bytes ?? new Uint8Array();
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeKeyDer(bytes.subarray(0, length)), failsWith('MALFORMED'), String(length));
  }
  const change = (at: number, to: number): Uint8Array => {
    const changed = bytes.slice();
    changed[at] = to;
    return changed;
  };
  const at = (needle: string): number => Buffer.from(bytes).toString('hex').indexOf(needle) / 2;
  // BOOLEAN, and the parent's handle.
  assert.throws(
    () => decodeKeyDer(change(at('0101ff') + 2, 0x02)),
    failsWith('MALFORMED', { field: 'tpm.keyFile' }),
  );
  assert.equal(decodeKeyDer(change(at('0101ff') + 2, 0x01)).emptyAuth, true);
  assert.throws(
    () => decodeKeyDer(change(at('020440000001') + 5, 0x02)),
    failsWith('MALFORMED', { field: 'tpm.keyFile.parent' }),
  );
  assert.throws(
    () => decodeKeyDer(change(at('060667') + 7, 0x09)),
    failsWith('UNSUPPORTED', { field: 'tpm.keyFile' }),
  );
  const twice = encodePem(keyFileLabel, bytes).repeat(2);
  for (const wrong of [twice, encodePem('PRIVATE KEY', bytes), '']) {
    assert.throws(() => decodeKeyFile(wrong), failsWith('MALFORMED'));
  }
});
