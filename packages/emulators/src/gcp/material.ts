/**
 * New key material. Every version has its own.
 *
 * @module
 */
import { createSecretKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { AlgorithmFacts } from './algorithms.ts';
import { refuse } from './rules.ts';

const generate = promisify(generateKeyPair) as unknown as (
  type: string,
  options?: object,
) => Promise<{ readonly privateKey: KeyObject }>;

/** A secret key or a private key for an algorithm. */
export async function createMaterial(facts: AlgorithmFacts): Promise<KeyObject> {
  switch (facts.kind) {
    case 'symmetric':
      return createSecretKey(randomBytes(32));
    case 'raw':
      return createSecretKey(randomBytes(facts.bits / 8));
    case 'mac':
      return createSecretKey(randomBytes(facts.bytes));
    case 'ecdsa':
      return (await generate('ec', { namedCurve: facts.curve })).privateKey;
    case 'pure':
      return createPure(facts.type);
    default:
      return (await generate('rsa', { modulusLength: facts.bits })).privateKey;
  }
}

async function createPure(type: string): Promise<KeyObject> {
  try {
    return (await generate(type)).privateKey;
  } catch (error) {
    // Node.js has ML-DSA from 24.6 on, when it is built with OpenSSL 3.5.
    if ((error as { readonly code?: string }).code !== 'ERR_INVALID_ARG_VALUE') throw error;
    throw refuse('not in this emulator', `this Node.js has no ${type}`);
  }
}
