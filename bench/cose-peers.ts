/**
 * Other implementations of COSE in JavaScript. They do the COSE part of the work only: no Base45, no
 * compression, no claims.
 *
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { Sign1 } from '@auth0/cose';
import type { Candidate } from './runner.ts';

/** What is called of cose-js, which declares no types. */
interface CoseJs {
  readonly sign: {
    create(headers: object, payload: Uint8Array, signer: object): Promise<Uint8Array>;
    verify(message: Uint8Array, verifier: object): Promise<Uint8Array>;
  };
}

const coseJs = createRequire(import.meta.url)('cose-js') as CoseJs;

/** Verifies a COSE_Sign1. cose-js does it by ECDSA only. */
export function verifiers(cose: Uint8Array, publicKey: KeyObject): readonly Candidate[] {
  const auth0 = { name: '@auth0/cose', run: () => Sign1.decode(cose).verify(publicKey) };
  const point = pointOf(publicKey);
  if (point === undefined) return [auth0];
  const verifier = { key: point };
  return [auth0, { name: 'cose-js', run: () => coseJs.sign.verify(cose, verifier) }];
}

/** Signs a payload. cose-js does it by ECDSA only. */
export function signers(payload: Uint8Array, privateKey: KeyObject): readonly Candidate[] {
  const { d } = privateKey.export({ format: 'jwk' });
  const signer = { key: { d: Buffer.from(d ?? '', 'base64url') } };
  const headers = { p: { alg: 'ES256' }, u: { kid: '11' } };
  if (privateKey.asymmetricKeyType !== 'ec') return [];
  return [{ name: 'cose-js', run: () => coseJs.sign.create(headers, payload, signer) }];
}

function pointOf(publicKey: KeyObject): { readonly x: Buffer; readonly y: Buffer } | undefined {
  const { x, y } = publicKey.export({ format: 'jwk' });
  if (x === undefined || y === undefined) return undefined;
  return { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
}
