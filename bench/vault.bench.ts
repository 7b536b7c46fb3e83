/**
 * Transit through the provider, against plain calls over connections that stay open: with 5 ms of network in
 * between, one after the other and 32 at a time; and many signatures at once, with it and without.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createKeys, parseKeyRef, Secret } from 'hardkey';
import { createEnvelope } from 'hardkey/formats/cose';
import { vault } from 'hardkey/providers/vault';
import { type Bao, missingBao, startBao } from '../packages/hardkey/test/support/openbao.ts';
import type { Question } from './runner.ts';

const MESSAGE = new Uint8Array(300).fill(0x5a);
const INPUT = Buffer.from(MESSAGE).toString('base64');
const IN_FLIGHT = 32;
/** Signatures that are asked for at once: fewer where one after the other takes long. */
const TOGETHER = { near: 256, far: 64 };

/** The questions of this program. */
export async function questions(): Promise<readonly Question[]> {
  const missing = missingBao();
  if (missing !== undefined) {
    console.error(missing);
    return [];
  }
  const ends: (() => void | Promise<void>)[] = [];
  const bao = await startBao({ after: (end) => void ends.push(end) });
  for (const [name, type] of [
    ['ed', 'ed25519'],
    ['aes', 'aes256-gcm96'],
  ]) {
    await bao.admin('POST', `transit/keys/${name}`, { type });
  }
  const proxy = await delayed(bao);
  ends.push(proxy.end);
  const [far, near] = [await reach(bao, proxy.address), await reach(bao, bao.address)];
  ends.push(far.close, near.close);
  const all = [
    ...(await using(far)),
    together(`vault, 5 ms away: ${TOGETHER.far} signatures Ed25519`, TOGETHER.far, far),
    together(`vault, next door: ${TOGETHER.near} signatures Ed25519`, TOGETHER.near, near),
  ];
  // One server serves all of them, and ends with the last.
  const last = all.at(-1);
  return all.map((question) =>
    question === last
      ? {
          ...question,
          close: async () => {
            for (const end of ends.toReversed()) await end();
          },
        }
      : question,
  );
}

type Reached = Awaited<ReturnType<typeof reach>>;

/** A server by its address: plain calls, and keys through the provider. */
async function reach(bao: Bao, address: string) {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' });
  const { hostname, port } = new URL(address);
  const call = (method: string, path: string, body: object): Promise<Readonly<Record<string, string>>> =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = { 'x-vault-token': bao.root, 'content-length': text.length };
      const sent = request(
        { agent, hostname, port, method, path: `/v1/transit/${path}`, headers },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString()).data));
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });
  const token = async () => new Secret(Buffer.from(bao.root));
  const keys = createKeys([vault({ address, token })]);
  const loose = createKeys([vault({ address, token })], { releaseUnverified: true });
  const provider = vault({ address, token });
  const [ed, aes] = [await keys.open('hashivault://ed'), await keys.open('hashivault://aes')];
  return {
    call,
    keys,
    signEd: () => call('POST', 'sign/ed', { input: INPUT }),
    signer: ed.use('Ed25519'),
    looseSigner: (await loose.open('hashivault://ed')).use('Ed25519'),
    bareSigner: (await provider.open(parseKeyRef('hashivault://ed'))).use('Ed25519'),
    aead: aes.use('A256GCM'),
    wrapper: aes.use('service'),
    close: async () => {
      agent.destroy();
      for (const one of [keys, loose, provider]) await one.close();
    },
  };
}

/** One thing at a time, and 32. */
async function using(far: Reached): Promise<readonly Question[]> {
  const { call, keys, signEd, signer, looseSigner, bareSigner, aead, wrapper } = far;
  const key = createPublicKey(signer.publicKey.toPem());
  const verified = async (): Promise<void> => {
    const { signature = '' } = await signEd();
    const bytes = Buffer.from(signature.slice('vault:v1:'.length), 'base64');
    if (!nodeVerify(null, MESSAGE, key, bytes)) throw new Error('not verified');
  };
  const aad = new Uint8Array(16);
  const sealed = await aead.encrypt(MESSAGE, aad);
  const ciphertext = `vault:v1:${Buffer.concat([sealed.nonce, sealed.ciphertext]).toString('base64')}`;
  const associated_data = Buffer.from(aad).toString('base64');
  const envelope = createEnvelope(wrapper);
  const record = await envelope.encrypt(MESSAGE, aad);
  return [
    ...bothWays('sign Ed25519', 'the call and a raw verification', [
      { name: 'the call alone', run: signEd },
      { name: 'the call and a raw verification', run: verified },
      { name: 'the provider alone', run: () => bareSigner.sign(MESSAGE) },
      { name: 'createKeys, not verified', run: () => looseSigner.sign(MESSAGE) },
      { name: 'createKeys', run: () => signer.sign(MESSAGE) },
    ]),
    ...bothWays('public key', 'the call', [
      { name: 'the call', run: () => call('GET', 'keys/ed', {}) },
      { name: 'createKeys', run: () => keys.open('hashivault://ed') },
    ]),
    ...bothWays('encrypt A256GCM', 'the call', [
      { name: 'the call', run: () => call('POST', 'encrypt/aes', { plaintext: INPUT, associated_data }) },
      { name: 'createKeys', run: () => aead.encrypt(MESSAGE, aad) },
    ]),
    ...bothWays('decrypt an envelope', 'a call that decrypts', [
      {
        name: 'a call that decrypts',
        run: () => call('POST', 'decrypt/aes', { ciphertext, associated_data }),
      },
      { name: 'createKeys', run: () => envelope.decrypt(record, aad) },
    ]),
  ];
}

type Work = { readonly name: string; readonly run: () => Promise<unknown> };

function bothWays(what: string, baseline: string, candidates: readonly Work[]): readonly Question[] {
  return [
    { name: `vault, 5 ms away: ${what}`, baseline, candidates },
    {
      name: `vault, 5 ms away: ${what}, ${IN_FLIGHT} at a time`,
      baseline,
      candidates: candidates.map(({ name, run }) => ({ name, run: () => atOnce(IN_FLIGHT, run) })),
    },
  ];
}

/** Many signatures that are asked for at once, against as many calls that ask for one. */
function together(name: string, count: number, { signEd, signer, looseSigner }: Reached): Question {
  const baseline = 'calls, one after the other';
  return {
    name,
    baseline,
    candidates: [
      { name: baseline, run: () => inFlight(count, 1, signEd) },
      { name: `calls, ${IN_FLIGHT} at a time`, run: () => inFlight(count, IN_FLIGHT, signEd) },
      { name: 'createKeys, one after the other', run: () => inFlight(count, 1, () => signer.sign(MESSAGE)) },
      {
        name: 'createKeys, all at once, not verified',
        run: () => atOnce(count, () => looseSigner.sign(MESSAGE)),
      },
      { name: 'createKeys, all at once', run: () => atOnce(count, () => signer.sign(MESSAGE)) },
    ],
  };
}

function atOnce(count: number, run: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run));
}

async function inFlight(count: number, width: number, run: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** The same server, 5 ms away. */
async function delayed(bao: Bao): Promise<{ readonly address: string; readonly end: () => void }> {
  const program = new URL('delay-proxy.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, new URL(bao.address).port], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { address: `http://127.0.0.1:${String(port).trim()}`, end: () => void child.kill() };
}
