/**
 * Everything that a trust is read from: keys and certificates in PEM and DER, JWK and key sets, COSE
 * keys, registries of keys, and DIDs. The first byte says whether the rest is bytes or text.
 *
 * @module
 */
import { createTrust } from '../../packages/hardkey/src/core/trust/trust.ts';
import { concat, equalBytes, utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { encodePem } from '../../packages/hardkey/src/encoding/pem.ts';
import { encodeCoseKeySet } from '../../packages/hardkey/src/formats/cose/key-set.ts';
import { promised, type Target } from '../target.ts';
import { textOf } from '../text.ts';
import { leaf, root } from './certificates.ts';
import { signer } from './keys.ts';

const { publicKey } = signer;
const HEX = Buffer.from(publicKey.toRaw()).toString('hex');
const P256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
};

const REGISTRY = {
  version: 1,
  keys: {
    'key-1': {
      public_key_hex: HEX,
      status: 'active',
      not_before_utc: '2026-01-01T00:00:00Z',
      not_after_utc: '2027-01-01T00:00:00.5+02:00',
    },
    'key-2': HEX,
  },
  revoked: ['key-3'],
  revocations: [{ key_id: 'key-2', revoked_at_utc: '2026-02-01T00:00:00Z', reason: 'lost' }],
};

const JWKS = {
  keys: [
    { ...P256, kid: 'a', use: 'sig', alg: 'ES256', key_ops: ['verify'] },
    { ...publicKey.toJwk(), kid: 'b' },
    { kty: 'oct', k: 'AAAA' },
  ],
};

const TEXTS = [
  JSON.stringify(P256),
  JSON.stringify(JWKS),
  JSON.stringify(REGISTRY),
  JSON.stringify({ 'key-1': HEX }),
  publicKey.toPem() + encodePem('CERTIFICATE', leaf.der) + encodePem('CERTIFICATE', root.der),
  `ed25519:${HEX}`,
  'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
  `did:jwk:${Buffer.from(JSON.stringify(P256)).toString('base64url')}#0`,
];

/** See the module. */
export const trust: Target = {
  name: 'trust',
  allowed: ['MALFORMED', 'UNSUPPORTED'],
  seeds: () => [
    ...TEXTS.map((text) => concat(Uint8Array.of(1), utf8(text))),
    ...[
      publicKey.spki,
      leaf.der,
      root.der,
      publicKey.toCoseKey(),
      encodeCoseKeySet([{ publicKey }, { publicKey, keyId: 'b' }]),
    ].map((bytes) => concat(Uint8Array.of(0), bytes)),
  ],
  async run(input) {
    const rest = input.subarray(1);
    const given = (input[0] ?? 0) % 2 === 0 ? rest : textOf(rest);
    const { keys, roots, size } = await createTrust(given);
    promised(size === keys.length + roots.length, 'every entry is counted');
    for (const key of keys) {
      const again = await createTrust(key.publicKey.toJwk());
      const [same] = again.keys;
      promised(same !== undefined && equalBytes(same.publicKey.spki, key.publicKey.spki), 'a key is its JWK');
      promised(
        !Number.isNaN((key.notBefore ?? 0) + (key.notAfter ?? 0) + (key.revokedAt === undefined ? 0 : 1)),
        'times are numbers',
      );
    }
    return undefined;
  },
  words: [
    '"keys":',
    '"kty":"OKP"',
    '"crv":"Ed25519"',
    '"x":"',
    '"kid":',
    '"use":"sig"',
    '"alg":"ES256"',
    '"key_ops":["verify"]',
    '"x5c":["',
    '"revoked":true',
    '"status":"inactive"',
    '"not_after_utc":"',
    '"__proto__":',
    'did:key:z',
    'did:jwk:',
    '-----BEGIN CERTIFICATE-----',
    'ed25519:',
    'p256:04',
  ].map(utf8),
};
