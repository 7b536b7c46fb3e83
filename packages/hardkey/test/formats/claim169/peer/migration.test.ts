// The page for those who come from the claim169 library: it names every function of the published
// package, and what it puts beside them is there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import * as hardkey from 'hardkey';
import * as claim169 from 'hardkey/formats/claim169';
import { component } from '../../../../../../scripts/components/index.ts';
import { readPages } from '../../../../../../scripts/docs/pages.ts';

const python = component('python-peers');
const ROOT = join(import.meta.dirname, '../../../../../..');
const page = readPages(ROOT).find(({ file }) => file === 'docs/guides/from-claim169.md');
const text = page?.prose ?? '';

/** What the package's modules have only because they use it. */
const NOT_ITS_OWN = ['IntEnum', 'Optional', 'datetime', 're', 'claim169'];
const LIST_NAMES = `
import claim169, json
public = lambda thing: [name for name in dir(thing) if not name.startswith("_")]
classes = [claim169.DecodeResult, claim169.CwtMeta]
methods = [name for one in classes for name in public(one) if callable(getattr(one, name))]
print(json.dumps(public(claim169) + methods + ["to_dict", "has_biometrics"]))
`;

test('every name of the Python package is on the page', { skip: python.missing ?? false }, () => {
  const { status, stdout, stderr } = spawnSync(python.path, ['-c', LIST_NAMES], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const names = (JSON.parse(stdout) as string[]).filter((name) => !NOT_ITS_OWN.includes(name));
  assert.ok(names.length > 40);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  );
});

/** The TypeScript API of 0.3.0, whose package cannot be installed. */
const TYPESCRIPT = [
  ...[
    'signWithEd25519',
    'signWithEcdsaP256',
    'signWith',
    'encryptWithAes256',
    'encryptWithAes128',
    'encryptWith',
  ],
  ...['allowUnsigned', 'skipBiometrics', 'compression', 'encode', 'qrData', 'compressionUsed'],
  ...[
    'verifyWithEd25519',
    'verifyWithEcdsaP256',
    'verifyWithEd25519Pem',
    'verifyWithEcdsaP256Pem',
    'verifyWith',
  ],
  ...['decryptWithAes256', 'decryptWithAes128', 'decryptWith', 'allowUnverified', 'withTimestampValidation'],
  ...[
    'withoutTimestampValidation',
    'clockSkewTolerance',
    'maxDecompressedBytes',
    'decode',
    'strictCompression',
  ],
  ...['inspect', 'generateNonce', 'hexToBytes', 'bytesToHex', 'version', 'isLoaded'],
  ...['Gender', 'MaritalStatus', 'PhotoFormat', 'BiometricFormat', 'verificationStatus', 'x509Headers'],
  ...['SignerCallback', 'VerifierCallback', 'EncryptorCallback', 'DecryptorCallback', 'detectedCompression'],
  ...['BASE45_DECODE', 'DECOMPRESS', 'DECOMPRESS_LIMIT', 'COSE_PARSE', 'UNSUPPORTED_COSE_TYPE'],
  ...['SIGNATURE_INVALID', 'DECRYPTION_FAILED', 'CBOR_PARSE', 'CWT_PARSE', 'CLAIM169_NOT_FOUND'],
  ...['CLAIM169_INVALID', 'UNSUPPORTED_ALGORITHM', 'KEY_NOT_FOUND', 'EXPIRED', 'NOT_YET_VALID', 'CRYPTO'],
  ...[
    'CBOR_ENCODE',
    'SIGNATURE_FAILED',
    'ENCRYPTION_FAILED',
    'ENCODING_CONFIG',
    'DECODING_CONFIG',
    'UNKNOWN',
  ],
];

test('every name of the TypeScript package is on the page', () => {
  assert.deepEqual(
    TYPESCRIPT.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
    [],
  );
});

test('every function that the page puts in their place is there', () => {
  const last = text
    .split('\n')
    .flatMap((line) => (line.startsWith('|') ? [line.split(' | ').at(-1) ?? ''] : []));
  const called = new Set(
    last.flatMap((cell) => [...cell.matchAll(/`(\w+)\(/g)].map(([, name = '']) => name)),
  );
  const known: Readonly<Record<string, unknown>> = { ...hardkey, ...claim169 };
  // Methods, and a function of the runtime.
  const others = ['isVerified', 'create', 'open', 'toPem', 'toString'];
  const wrong = [...called].filter((name) => typeof known[name] !== 'function' && !others.includes(name));
  assert.deepEqual(wrong, []);
  assert.ok(called.size > 12);
});
