import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKeys, isFailure, Secret } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { memory } from 'hardkey/providers/memory';
import { secretBytes } from 'hardkey/secrets';
import { der, derOid, derTag, derUnsigned } from '../../../src/encoding/der.ts';
import { encodePem } from '../../../src/encoding/pem.ts';

const PASSPHRASE = new TextEncoder().encode('passphrase');

/** PKCS #8 under PBES2 (RFC 8018 §6.2) that asks for this many rounds; what it encrypts is of no kind. */
function encrypted(rounds: Uint8Array): string {
  const prf = der(derTag.sequence, derOid('1.2.840.113549.2.9'), der(derTag.null));
  const parameters = [der(derTag.octetString, new Uint8Array(16)), derUnsigned(rounds), prf];
  const kdf = der(derTag.sequence, derOid('1.2.840.113549.1.5.12'), der(derTag.sequence, ...parameters));
  const iv = der(derTag.octetString, new Uint8Array(16));
  const cipher = der(derTag.sequence, derOid('2.16.840.1.101.3.4.1.42'), iv);
  const scheme = [derOid('1.2.840.113549.1.5.13'), der(derTag.sequence, kdf, cipher)];
  const content = der(derTag.octetString, new Uint8Array(64));
  return encodePem('ENCRYPTED PRIVATE KEY', der(derTag.sequence, der(derTag.sequence, ...scheme), content));
}

const FOREVER = encrypted(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
const QUICK = encrypted(Uint8Array.of(0x10, 0x00));

function importing(pem: string) {
  const material = new Secret(new TextEncoder().encode(pem));
  return createKeys([memory()]).import('memory:a', { material, passphrase: new Secret(PASSPHRASE) });
}

test('a key that asks for more rounds than anybody has time for is MALFORMED, wherever it comes from', async () => {
  await assert.rejects(importing(FOREVER), (error) => isFailure(error, 'MALFORMED'));
  await assert.rejects(importing(QUICK), (error) => isFailure(error, 'DENIED'));
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-rounds-'));
  const path = join(folder, 'key.pem');
  writeFileSync(path, FOREVER, { mode: 0o600 });
  const keys = createKeys([file({ passphrase: secretBytes(PASSPHRASE) })]);
  await assert.rejects(keys.open(`file:${path}`), (error) => isFailure(error, 'MALFORMED'));
  rmSync(folder, { recursive: true });
});

test('keys encrypted by others open: PBES2 of node:crypto, and the older PEM of OpenSSL', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    const pem = privateKey.export({ format: 'pem', type, cipher: 'aes-256-cbc', passphrase: 'passphrase' });
    assert.match(String(pem), /ENCRYPTED/);
    assert.equal((await importing(String(pem))).publicKey?.bits, 2048);
  }
});
