// What the contract examines: a server behind a proxy, with keys of every type that it holds.
import { after, type TestContext } from 'node:test';
import type { Algorithm } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { vault } from 'hardkey/providers/vault';
import { Secret } from 'hardkey/secrets';
import { faultProxy } from '../../support/fault-proxy.ts';
import { missingBao, noBao, startBao } from '../../support/openbao.ts';

const TYPES: Readonly<Partial<Record<Algorithm, string>>> = {
  Ed25519: 'ed25519',
  ES256: 'ecdsa-p256',
  ES384: 'ecdsa-p384',
  ES512: 'ecdsa-p521',
  PS256: 'rsa-2048',
  RS512: 'rsa-2048',
  'ML-DSA-44': 'mldsa-44',
  'RSA-OAEP-256': 'rsa-2048',
  A128GCM: 'aes128-gcm96',
  A256GCM: 'aes256-gcm96',
  'ChaCha20-Poly1305': 'chacha20-poly1305',
  service: 'xchacha20-poly1305',
  HS256: 'hmac',
};
const KEYS = Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, `hashivault://${type}`]));

/** Why there is no subject. */
export const missing = missingBao();
const bao = missing === undefined ? await startBao({ after }) : noBao;
let count = 0;

for (const type of new Set(Object.values(TYPES))) {
  const size = type === 'hmac' ? { key_size: 32 } : {};
  await bao.admin('POST', `transit/keys/${type}`, { type, ...size });
}

/** A subject whose requests go through a proxy of its own. */
export async function subject(t: TestContext): Promise<ProviderSubject> {
  const proxy = await faultProxy(t, bao.address);
  const provider = (token: string) =>
    vault({ address: proxy.address, token: async () => new Secret(Buffer.from(token)) });
  return {
    provider: () => provider(bao.root),
    keys: KEYS,
    missing: 'hashivault://none',
    malformed: [
      'hashivault:issuer',
      'hashivault://a/b',
      'hashivault://issuer?version=0',
      'hashivault://issuer?pin=1',
      'hashivault://issuer?mount=..',
      'hashivault://issuer?context=',
    ],
    unused: () => `hashivault://new-${++count}`,
    requests: () => proxy.seen.length,
    outage: proxy.outage,
    stall: proxy.stall,
    rejected: () => provider('s.nobody-has-this-token'),
    canaries: [bao.root, 's.nobody-has-this-token'],
  };
}
