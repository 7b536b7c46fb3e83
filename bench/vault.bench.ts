/**
 * Transit through the provider, against plain calls over connections that stay open: with 5 ms of network in
 * between, one after the other and 32 at a time; and many signatures at once, with it and without.
 *
 * @module
 */
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createKeys, parseKeyRef, Secret } from 'hardkey';
import { createEnvelope } from 'hardkey/formats/cose';
import { vault } from 'hardkey/providers/vault';
import { type Bao, missingBao, startBao } from '../packages/hardkey/test/support/openbao.ts';
import { atOnce, bothWays, delayed, endingWith, inFlight } from './far.ts';
import type { Question } from './runner.ts';

const WHERE = 'vault, 5 ms away';
const MESSAGE = new Uint8Array(300).fill(0x5a);
const INPUT = Buffer.from(MESSAGE).toString('base64');
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
  const proxy = await delayed(new URL(bao.address).port);
  ends.push(proxy.end);
  const [far, near] = [await reach(bao, `http://127.0.0.1:${proxy.port}`), await reach(bao, bao.address)];
  ends.push(far.close, near.close);
  const all = [
    ...(await using(far)),
    together(`${WHERE}: ${TOGETHER.far} signatures Ed25519`, TOGETHER.far, far),
    together(`vault, next door: ${TOGETHER.near} signatures Ed25519`, TOGETHER.near, near),
  ];
  return endingWith(all, async () => {
    for (const end of ends.toReversed()) await end();
  });
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
    ...bothWays(`${WHERE}: sign Ed25519`, 'the call and a raw verification', [
      { name: 'the call alone', run: signEd },
      { name: 'the call and a raw verification', run: verified },
      { name: 'the provider alone', run: () => bareSigner.sign(MESSAGE) },
      { name: 'createKeys, not verified', run: () => looseSigner.sign(MESSAGE) },
      { name: 'createKeys', run: () => signer.sign(MESSAGE) },
    ]),
    ...bothWays(`${WHERE}: public key`, 'the call', [
      { name: 'the call', run: () => call('GET', 'keys/ed', {}) },
      { name: 'createKeys', run: () => keys.open('hashivault://ed') },
    ]),
    ...bothWays(`${WHERE}: encrypt A256GCM`, 'the call', [
      { name: 'the call', run: () => call('POST', 'encrypt/aes', { plaintext: INPUT, associated_data }) },
      { name: 'createKeys', run: () => aead.encrypt(MESSAGE, aad) },
    ]),
    ...bothWays(`${WHERE}: decrypt an envelope`, 'a call that decrypts', [
      {
        name: 'a call that decrypts',
        run: () => call('POST', 'decrypt/aes', { ciphertext, associated_data }),
      },
      { name: 'createKeys', run: () => envelope.decrypt(record, aad) },
    ]),
  ];
}

/** Many signatures that are asked for at once, against as many calls that ask for one. */
function together(name: string, count: number, { signEd, signer, looseSigner }: Reached): Question {
  const baseline = 'calls, one after the other';
  return {
    name,
    baseline,
    candidates: [
      { name: baseline, run: () => lanes(count, 1, signEd) },
      { name: `calls, ${inFlight} at a time`, run: () => lanes(count, inFlight, signEd) },
      { name: 'createKeys, one after the other', run: () => lanes(count, 1, () => signer.sign(MESSAGE)) },
      {
        name: 'createKeys, all at once, not verified',
        run: () => atOnce(count, () => looseSigner.sign(MESSAGE)),
      },
      { name: 'createKeys, all at once', run: () => atOnce(count, () => signer.sign(MESSAGE)) },
    ],
  };
}

async function lanes(count: number, width: number, run: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: width }, lane));
}
