/**
 * Signing with a SoftHSM2 token through the provider, against the same calls from C and from pkcs11js
 * in a process that does nothing else.
 *
 * @module
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Signer } from 'hardkey';
import { ecdsaToDer } from '../packages/hardkey/src/encoding/ecdsa.ts';
import { ALGORITHMS, type Apart, type Loop, MESSAGE, makeToken, type Token } from './pkcs11/token.ts';
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
  /** In two processes, with nothing around: what any other implementation could reach at most. */
  readonly cApart: Loop;
  readonly nodeApart: Apart;
  readonly close: () => Promise<void>;
}

async function set(algorithm: Name): Promise<Setting> {
  const token: Token = await makeToken();
  // One after the other: SoftHSM2 writes to a token at every login, and does not see it while it does.
  const started = async (by: Parameters<Token['loop']>[0]): Promise<Loop> => {
    const loop = token.loop(by, algorithm);
    await loop.time(1);
    return loop;
  };
  const [c, node, cApart] = [await started('c'), await started('node'), await started('c apart')];
  const nodeApart = token.apart(algorithm);
  await nodeApart.sign(toSign(algorithm));
  const [trusting, checking] = [token.keys({ releaseUnverified: true }), token.keys({})];
  const signer = async (keys: typeof trusting): Promise<Signer> =>
    (await keys.open(token.ref(algorithm))).use(algorithm);
  return {
    unverified: await signer(trusting),
    verified: await signer(checking),
    c,
    node,
    cApart,
    nodeApart,
    async close() {
      for (const one of [c, node, cApart, nodeApart]) one.close();
      await Promise.all([trusting.close(), checking.close()]);
      token.close();
    },
  };
}

/** What the mechanism of an algorithm is given. */
function toSign(algorithm: Name): Uint8Array {
  return algorithm === 'ES256' ? createHash('sha256').update(MESSAGE).digest() : MESSAGE;
}

async function one(algorithm: Name): Promise<Question> {
  const { c, node, cApart, nodeApart, unverified, close } = await set(algorithm);
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, one call at a time, released unverified`,
    baseline: 'C loop',
    candidates: [
      { name: 'C loop', time: c.time },
      { name: 'pkcs11js loop', time: node.time },
      { name: 'C, in two processes', time: cApart.time },
      { name: 'Node.js, in two processes', run: () => nodeApart.sign(toSign(algorithm)) },
      { name: 'the provider', run: () => unverified.sign(MESSAGE) },
    ],
    close,
  };
}

async function oneVerified(algorithm: Name): Promise<Question> {
  const { c, nodeApart, verified, close } = await set(algorithm);
  const baseline = await signedAndVerified(algorithm, c, verified);
  const check = verifyingAside(algorithm, createPublicKey(verified.publicKey.toPem()));
  const bare = async (): Promise<void> => check(await nodeApart.sign(toSign(algorithm)));
  return {
    name: `pkcs11: ${algorithm} on SoftHSM2, one call at a time, verified before release`,
    baseline: baseline.name,
    candidates: [
      baseline,
      { name: 'Node.js, in two processes, verified on a thread', run: bare },
      { name: 'the provider', run: () => verified.sign(MESSAGE) },
    ],
    close,
  };
}

/** Verifies off the event loop. */
function verifyingAside(algorithm: Name, key: KeyObject): (signature: Uint8Array) => Promise<void> {
  const [hash, form] = algorithm === 'ES256' ? ['sha256', ecdsaToDer] : [null, (raw: Uint8Array) => raw];
  return (signature) =>
    new Promise((resolve, reject) => {
      verify(hash, MESSAGE, key, form(signature), (error, right) => {
        if (right) resolve();
        else reject(error ?? new Error('the signature is not right'));
      });
    });
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
