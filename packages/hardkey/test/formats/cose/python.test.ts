// What is written for a recipient, opened by software that knows nothing of this library.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { importPublicKey } from 'hardkey';
import { decodeCose, encryptTo } from 'hardkey/formats/cose';
import { component } from '../../../../../scripts/components/index.ts';
import { utf8 } from '../../../src/encoding/bytes.ts';
import type { CborValue } from '../../../src/encoding/cbor/index.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';

const python = component('python-peers');
const skip = python.missing ?? false;
const PLAINTEXT = utf8('This is the content.');

const READERS = {
  'RSA-OAEP-256': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ECDH-ES+A128KW on P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ECDH-ES+A128KW on X25519': () => generateKeyPairSync('x25519'),
} as const;

for (const [name, generate] of Object.entries(READERS)) {
  test(`Python's cryptography opens what is encrypted by ${name}`, { skip }, async () => {
    const keys = generate();
    const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
    const publicKey = await importPublicKey(Uint8Array.from(spki));
    const bytes = await encryptTo(PLAINTEXT, [publicKey]);
    assert.equal(open(keys.privateKey, bytes), encodeHex(PLAINTEXT));
  });
}

/** The plaintext in hexadecimal, as Python finds it. */
function open(privateKey: KeyObject, bytes: Uint8Array): string {
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const input = JSON.stringify({ pem, ...partsOf(bytes) });
  const script = join(import.meta.dirname, 'open-encrypt.py');
  const { status, stdout, stderr } = spawnSync(python.path, [script], { input, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** What stands in a COSE_Encrypt of one recipient, in hexadecimal. */
function partsOf(bytes: Uint8Array): Readonly<Record<string, string | null>> {
  const [protectedBytes, unprotected, ciphertext, recipients] = decodeCose(bytes).elements;
  const [[recipient, parameters, wrapped]] = recipients as [
    [CborValue, Map<CborValue, CborValue>, CborValue],
  ];
  const hex = (value: CborValue | undefined): string => encodeHex(value as Uint8Array);
  const ephemeral = parameters.get(-1) as Map<CborValue, CborValue> | undefined;
  return {
    protected: hex(protectedBytes),
    nonce: hex((unprotected as Map<CborValue, CborValue>).get(5)),
    ciphertext: hex(ciphertext),
    recipient: hex(recipient),
    wrapped: hex(wrapped),
    ephemeral: ephemeral === undefined ? null : pointOf(ephemeral),
  };
}

/** The key of an agreement as SEC 1 or RFC 7748 writes it. */
function pointOf(key: Map<CborValue, CborValue>): string {
  const x = encodeHex(key.get(-2) as Uint8Array);
  const y = key.get(-3);
  return y === undefined ? x : `04${x}${encodeHex(y as Uint8Array)}`;
}
