/**
 * Signing with a SoftHSM2 token through the provider, against the same calls from C and from pkcs11js
 * in a process that does nothing else.
 *
 * @module
 */
import { createPublicKey, verify } from 'node:crypto';
import type { Signer } from 'hardkey';
import { ecdsaToDer } from '../packages/hardkey/src/encoding/ecdsa.ts';
import { ALGORITHMS, type Loop, MESSAGE, makeToken, type Token } from './pkcs11/token.ts';
import type { Question, TimesItself } from './runner.ts';

const AT_ONCE = 64;

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const all: Question[] = [];
  for (const algorithm of Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[]) {
    all.push(await one(algorithm), await oneVerified(algorithm));
    all.push(await many(algorithm), await manyVerified(algorithm));
  }
  return all;
}

type Name = keyof typeof ALGORITHMS;

interface Setting {
  readonly unverified: Signer;
  readonly verified: Signer;
  readonly c: Loop;
  readonly node: Loop;
  readonly close: () => Promise<void>;
}

async function set(algorithm: Name): Promise<Setting> {
  const token: Token = await makeToken();
  const [c, node] = [token.loop('c', algorithm), token.loop('node', algorithm)];
  // One after the other: SoftHSM2 writes to a token at every login, and does not see it while it does.
  for (const loop of [c, node]) await loop.time(1);
  const [trusting, checking] = [token.keys({ releaseUnverified: true }), token.keys({})];
  const signer = async (keys: typeof trusting): Promise<Signer> =>
    (await keys.open(token.ref(algorithm))).use(algorithm);
  return {
    unverified: await signer(trusting),
    verified: await signer(checking),
    c,
    node,
    async close() {
      c.close();
      node.close();
      await Promise.all([trusting.close(), checking.close()]);
      token.close();
    },
  };
}

async function one(algorithm: Name): Promise<Question> {
  const { c, node, unverified, close } = await set(algorithm);
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, one call at a time, released unverified`,
    baseline: 'C loop',
    candidates: [
      { name: 'C loop', time: c.time },
      { name: 'pkcs11js loop', time: node.time },
      { name: 'the provider', run: () => unverified.sign(MESSAGE) },
    ],
    close,
  };
}

async function oneVerified(algorithm: Name): Promise<Question> {
  const { c, verified, close } = await set(algorithm);
  const baseline = await signedAndVerified(algorithm, c, verified);
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, one call at a time, verified before release`,
    baseline: baseline.name,
    candidates: [baseline, { name: 'the provider', run: () => verified.sign(MESSAGE) }],
    close,
  };
}

/** What a program does at least that verifies what it signs: one after the other. */
async function signedAndVerified(algorithm: Name, c: Loop, signer: Signer): Promise<TimesItself> {
  const check = await rawVerify(algorithm, signer);
  return {
    name: 'C loop, and node:crypto verify',
    async time(calls) {
      const signing = await c.time(calls);
      const began = process.hrtime.bigint();
      for (let i = 0; i < calls; i++) check();
      return signing + Number(process.hrtime.bigint() - began) / 1000 / calls;
    },
  };
}

async function rawVerify(algorithm: Name, signer: Signer): Promise<() => boolean> {
  const key = createPublicKey(signer.publicKey.toPem());
  const signature = await signer.sign(MESSAGE);
  const hash = algorithm === 'ES256' ? 'sha256' : null;
  const given = algorithm === 'ES256' ? ecdsaToDer(signature) : signature;
  if (!verify(hash, MESSAGE, key, given)) throw new Error('the signature is not right');
  return () => verify(hash, MESSAGE, key, given);
}

/** So many calls are begun, and all of them awaited. */
function together(signer: Signer): () => unknown {
  return () => Promise.all(Array.from({ length: AT_ONCE }, () => signer.sign(MESSAGE)));
}

/** The same number of calls, one after the other. */
function inARow(name: string, { time }: Pick<TimesItself, 'time'>): TimesItself {
  return { name, time: async (calls) => AT_ONCE * (await time(calls * AT_ONCE)) };
}

async function many(algorithm: Name): Promise<Question> {
  const { c, node, unverified, close } = await set(algorithm);
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, ${AT_ONCE} calls at a time, all of them, released unverified`,
    baseline: 'C loop',
    candidates: [
      inARow('C loop', c),
      inARow('pkcs11js loop', node),
      { name: 'the provider', run: together(unverified) },
    ],
    close,
  };
}

async function manyVerified(algorithm: Name): Promise<Question> {
  const { c, verified, close } = await set(algorithm);
  const { name, time } = await signedAndVerified(algorithm, c, verified);
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, ${AT_ONCE} calls at a time, all of them, verified before release`,
    baseline: name,
    candidates: [inARow(name, { time }), { name: 'the provider', run: together(verified) }],
    close,
  };
}
