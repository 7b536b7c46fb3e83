import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  algorithm,
  algorithms,
  algorithmsOfCose,
  algorithmsOfJose,
  isAlgorithm,
} from '../../src/core/algorithms.ts';
import { failsWith } from '../support/failures.ts';

type Expected = readonly [name: string, cose: readonly number[], jose: readonly string[]];

// IANA "COSE Algorithms" and "JSON Web Signature and Encryption Algorithms"; what is written comes first.
const REGISTERED: readonly Expected[] = [
  ['Ed25519', [-8, -19], ['EdDSA', 'Ed25519']],
  ['Ed448', [-53, -8], ['Ed448', 'EdDSA']],
  ['ES256', [-7, -9], ['ES256']],
  ['ES384', [-35, -51], ['ES384']],
  ['ES512', [-36, -52], ['ES512']],
  ['ES256K', [-47], ['ES256K']],
  ['PS256', [-37], ['PS256']],
  ['PS384', [-38], ['PS384']],
  ['PS512', [-39], ['PS512']],
  ['RS256', [-257], ['RS256']],
  ['RS384', [-258], ['RS384']],
  ['RS512', [-259], ['RS512']],
  ['ML-DSA-44', [-48], ['ML-DSA-44']],
  ['ML-DSA-65', [-49], ['ML-DSA-65']],
  ['ML-DSA-87', [-50], ['ML-DSA-87']],
  ['A128GCM', [1], ['A128GCM']],
  ['A192GCM', [2], ['A192GCM']],
  ['A256GCM', [3], ['A256GCM']],
  ['ChaCha20-Poly1305', [24], []],
  ['A128KW', [-3], ['A128KW']],
  ['A192KW', [-4], ['A192KW']],
  ['A256KW', [-5], ['A256KW']],
  ['A128KWP', [], []],
  ['A192KWP', [], []],
  ['A256KWP', [], []],
  ['RSA-OAEP-256', [-41], ['RSA-OAEP-256']],
  ['service', [], []],
  ['ECDH-ES+A128KW', [-29], ['ECDH-ES+A128KW']],
  ['ECDH-ES+A192KW', [-30], ['ECDH-ES+A192KW']],
  ['ECDH-ES+A256KW', [-31], ['ECDH-ES+A256KW']],
  ['HS256', [5], ['HS256']],
  ['HS384', [6], ['HS384']],
  ['HS512', [7], ['HS512']],
];

test('every algorithm has its registered identifiers, and the one that is written is read', () => {
  assert.deepEqual(
    algorithms.map(({ name, coseAccepted, joseAccepted }) => [name, coseAccepted, joseAccepted]),
    REGISTERED,
  );
  for (const { cose, coseAccepted, jose, joseAccepted } of algorithms) {
    assert.deepEqual([cose, jose], [coseAccepted[0], joseAccepted[0]]);
  }
});

// RFC 9053 §2.1 lets a curve go with any hash; here a name says both.
test('ECDSA has one curve and one hash for each name', () => {
  const rows = algorithms.filter(({ keyType, operation }) => keyType === 'EC' && operation === 'sign');
  assert.deepEqual(
    rows.map(({ name, curves, hash }) => [name, curves, hash]),
    [
      ['ES256', ['P-256'], 'SHA-256'],
      ['ES384', ['P-384'], 'SHA-384'],
      ['ES512', ['P-521'], 'SHA-512'],
      ['ES256K', ['secp256k1'], 'SHA-256'],
    ],
  );
});

test('an identifier stands for one algorithm of an operation, EdDSA for both of its curves', () => {
  for (const [name, cose, jose] of REGISTERED) {
    const { operation } = algorithm(name);
    for (const id of cose.filter((id) => id !== -8))
      assert.deepEqual(
        algorithmsOfCose(id, operation).map((row) => row.name),
        [name],
      );
    for (const one of jose.filter((one) => one !== 'EdDSA'))
      assert.deepEqual(
        algorithmsOfJose(one).map((row) => row.name),
        [name],
      );
  }
  const both = ['Ed25519', 'Ed448'];
  assert.deepEqual(
    [algorithmsOfCose(-8, 'sign'), algorithmsOfJose('EdDSA')].map((rows) => rows.map(({ name }) => name)),
    [both, both],
  );
});

test('a name that is not in the table is UNSUPPORTED, and names of objects are none', () => {
  for (const name of ['ES257', 'EdDSA', 'none', 'constructor', '__proto__', 'toString', '']) {
    assert.equal(isAlgorithm(name), false);
    assert.throws(() => algorithm(name), failsWith('UNSUPPORTED', { algorithm: name }));
  }
});
