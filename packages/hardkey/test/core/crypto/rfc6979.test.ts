// RFC 6979 appendix A.2.5 to A.2.7: published keys, digests and signatures, one for each curve.
import assert from 'node:assert/strict';
import { createECDH, createHash, verify } from 'node:crypto';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { createKeys, Secret, verifyDigest } from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { decodeHex } from '../../../src/encoding/hex.ts';

const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@noble/')) loaded.push(specifier);
    return next(specifier, context);
  },
});

const MESSAGE = new TextEncoder().encode('sample');

const VECTORS = [
  {
    algorithm: 'ES256',
    hash: 'sha256',
    curve: 'prime256v1',
    crv: 'P-256',
    x: 'C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721',
    r: 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716',
    s: 'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
  },
  {
    algorithm: 'ES384',
    hash: 'sha384',
    curve: 'secp384r1',
    crv: 'P-384',
    x: '6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5',
    r: '94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46',
    s: '99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8',
  },
  {
    algorithm: 'ES512',
    hash: 'sha512',
    curve: 'secp521r1',
    crv: 'P-521',
    x: '00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538',
    r: '00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA',
    s: '00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A',
  },
] as const;

type Vector = (typeof VECTORS)[number];

/** The private key as a JWK. */
function jwkOf({ curve, crv, x }: Vector): string {
  const pair = createECDH(curve);
  pair.setPrivateKey(x, 'hex');
  const point = pair.getPublicKey();
  const half = (point.length - 1) / 2;
  const text = (from: number): string => point.subarray(from, from + half).toString('base64url');
  const d = Buffer.from(x, 'hex').toString('base64url');
  return JSON.stringify({ kty: 'EC', crv, x: text(1), y: text(1 + half), d });
}

test('the library of digests is loaded by the first of them, and by nothing before', async () => {
  const key = await createKeys([memory()]).create('memory:a', { algorithm: 'ES256' });
  await key.use('ES256').sign(MESSAGE);
  const signer = key.useDigest('ES256');
  assert.deepEqual(loaded, []);
  await signer.signDigest(new Uint8Array(32));
  assert.notDeepEqual(loaded, []);
});

for (const vector of VECTORS) {
  const { algorithm, hash, r, s } = vector;
  test(`${algorithm}: the signature of RFC 6979 verifies over its digest, and ours, which is hedged, is another`, async () => {
    using material = new Secret(new TextEncoder().encode(jwkOf(vector)));
    const key = await createKeys([memory()]).import('memory:a', { material, algorithm });
    assert.ok(key.publicKey);
    const digest = Uint8Array.from(createHash(hash).update(MESSAGE).digest());
    const published = decodeHex((r + s).toLowerCase());
    await verifyDigest(key.publicKey, algorithm, digest, published);
    const own = await key.useDigest(algorithm).signDigest(digest);
    assert.notDeepEqual(own, published);
    assert.ok(verify(hash, MESSAGE, { key: key.publicKey.toPem(), dsaEncoding: 'ieee-p1363' }, own));
  });
}
