// Published attacks on JOSE libraries, each as its own test: RFC 8725 §2, RFC 7515 §10, and advisories.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createKeys, createTrust } from 'hardkey';
import { openJws, openJwt, signJws, signJwt } from 'hardkey/formats/jws';
import { fixedKeys } from 'hardkey/testing';
import { authority, signer as leafCertificate } from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';
import { base64url, fresh, json, utf8 } from './support.ts';

const issuer = await fresh('ES256');
const attacker = await fresh('ES256');
const rsa = (await createKeys([fixedKeys()]).open('fixed:RS256')).use('RS256');
const trust = await createTrust([issuer.publicKey, rsa.publicKey]);
const token = await signJwt({ sub: 'user', admin: false }, { signer: issuer, expiresInSeconds: 3600 });
const [header = '', claims = '', signature = ''] = token.split('.');
const evil = base64url({ ...json(claims), admin: true });
const forged = failsWith('VERIFICATION_FAILED', { check: 'signature' });
const unknown = failsWith('VERIFICATION_FAILED', { check: 'key.known' });
const foreignAlgorithm = failsWith('VERIFICATION_FAILED', { check: 'key.algorithm' });

/** A token of the attacker's under a header of the attacker's choice. */
async function attack(head: object, body = evil): Promise<string> {
  const start = `${base64url(head)}.${body}`;
  return `${start}.${base64url(await attacker.sign(utf8(start)))}`;
}

for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', '', 'null'])
  test(`alg ${JSON.stringify(alg)} is UNSUPPORTED, signed or not (CVE-2015-9235, CVE-2018-1000531)`, async () => {
    const start = `${base64url({ alg, typ: 'JWT' })}.${evil}`;
    for (const end of ['', signature])
      await assert.rejects(
        openJwt(`${start}.${end}`, { trust }),
        failsWith('UNSUPPORTED', { field: 'jws.alg' }),
      );
  });

test('a signature that was cut away is no signature', async () => {
  await assert.rejects(openJwt(`${header}.${evil}.`, { trust }), forged);
  await assert.rejects(openJwt(`${header}.${evil}`, { trust }), failsWith('MALFORMED', { field: 'jws' }));
});

test('key confusion: a code made with any form of the public key is no signature (CVE-2016-10555)', async () => {
  for (const { publicKey } of [rsa, issuer])
    for (const secret of [
      publicKey.toPem(),
      publicKey.toPem().trim(),
      publicKey.spki,
      publicKey.toRaw(),
      JSON.stringify(publicKey.toJwk()),
      '',
    ])
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS512', 'sha512'],
      ] as const) {
        const start = `${base64url({ alg, kid: publicKey.thumbprint })}.${evil}`;
        const code = createHmac(hash, secret).update(start).digest();
        await assert.rejects(openJwt(`${start}.${base64url(code)}`, { trust }), foreignAlgorithm);
      }
});

test('key confusion, the other way: a signature is no code, though its key be known to everybody', async () => {
  const mac = await fresh('HS256');
  await assert.rejects(openJwt(token, { mac }), foreignAlgorithm);
});

test('one RSA key under another algorithm than the trust allows is refused', async () => {
  const narrow = await createTrust({ keys: [{ ...rsa.publicKey.toJwk(), alg: 'PS256' }] });
  const jws = await signJws(utf8('content'), { signer: rsa });
  await assert.rejects(openJws(jws, { trust: narrow }), foreignAlgorithm);
});

test('an ECDSA signature of zeros is refused (CVE-2022-21449)', async () => {
  const zeros = base64url(new Uint8Array(64));
  await assert.rejects(openJwt(`${header}.${evil}.${zeros}`, { trust }), forged);
});

test('an ECDSA signature in DER is refused: r‖s has one length (RFC 7518 §3.4)', async () => {
  const der = base64url(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1));
  await assert.rejects(openJwt(`${header}.${claims}.${der}`, { trust }), forged);
});

test('a key that the header brings (jwk) is not used (CVE-2018-0114)', async () => {
  const jwk = attacker.publicKey.toJwk();
  await assert.rejects(openJwt(await attack({ alg: 'ES256', jwk }), { trust }), forged);
  const named = await attack({ alg: 'ES256', jwk, kid: issuer.publicKey.thumbprint });
  await assert.rejects(openJwt(named, { trust }), forged);
});

test('certificates that the header brings (x5c) count only on a path to a root of the trust', async () => {
  const own = authority({ subject: 'attacker' });
  const leaf = leafCertificate({ subject: 'issuer', issuer: own });
  const x5c = [leaf.der, own.der].map((der) => Buffer.from(der).toString('base64'));
  await assert.rejects(openJwt(await attack({ alg: 'ES256', x5c }), { trust }), forged);
  const rooted = await createTrust([issuer.publicKey, authority({ subject: 'attacker' }).der]);
  await assert.rejects(
    openJwt(await attack({ alg: 'ES256', x5c }), { trust: rooted }),
    failsWith('VERIFICATION_FAILED'),
  );
});

test('a genuine chain does not lend its trust to another signature', async () => {
  const root = authority({ subject: 'root' });
  const leaf = leafCertificate({ subject: 'issuer', issuer: root });
  const x5c = [Buffer.from(leaf.der).toString('base64')];
  const rooted = await createTrust(root.der);
  await assert.rejects(openJwt(await attack({ alg: 'ES256', x5c }), { trust: rooted }), forged);
});

test('nothing that the header names (jku, x5u) is fetched', async (t) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end(JSON.stringify({ keys: [attacker.publicKey.toJwk()] }));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const head of [
    { jku: `${url}/jku` },
    { x5u: `${url}/x5u` },
    { jku: `${url}/both`, x5u: `${url}/both` },
  ])
    await assert.rejects(openJwt(await attack({ alg: 'ES256', kid: 'a', ...head }), { trust }), unknown);
  assert.deepEqual(asked, []);
  await fetch(url);
  assert.deepEqual(asked, ['/'], 'the server would have seen it');
});

for (const kid of [
  '../../../../dev/null',
  "' UNION SELECT 'secret' --",
  '| id',
  '__proto__',
  'constructor',
  '\u0000',
  'http://attacker.example/key',
  '',
])
  test(`a kid ${JSON.stringify(kid)} is a name and nothing else`, async () => {
    const named = await createTrust({ keys: [{ ...issuer.publicKey.toJwk(), kid: 'issuer' }] });
    await assert.rejects(openJwt(await attack({ alg: 'ES256', kid }), { trust: named }), unknown);
  });

test('a kid of one key does not make the signature of another pass', async () => {
  const other = await fresh('ES256');
  const two = await createTrust({
    keys: [issuer, other].map(({ publicKey }, index) => ({ ...publicKey.toJwk(), kid: `key-${index}` })),
  });
  const signed = await signJwt({}, { signer: issuer, keyId: 'key-1', expiresInSeconds: 60 });
  await assert.rejects(
    openJwt(signed, { trust: two }),
    failsWith('VERIFICATION_FAILED', { check: 'signature', keyId: 'key-1' }),
  );
});

test('a crit that is not understood is UNSUPPORTED (CVE-2025-59420)', async () => {
  const head = { alg: 'ES256', crit: ['bork'], bork: true };
  const start = `${base64url(head)}.${claims}`;
  const genuine = `${start}.${base64url(await issuer.sign(utf8(start)))}`;
  await assert.rejects(openJwt(genuine, { trust }), failsWith('UNSUPPORTED', { field: 'jws.crit' }));
});

test('b64 that is false and not in crit is MALFORMED: two readers would see two payloads', async () => {
  const start = `${base64url({ alg: 'ES256', b64: false })}.${claims}`;
  const genuine = `${start}.${base64url(await issuer.sign(utf8(start)))}`;
  const refused = failsWith('MALFORMED', { field: 'jws.b64' });
  await assert.rejects(openJws(genuine, { trust }), refused);
  await assert.rejects(openJwt(genuine, { trust }), refused);
});

for (const [what, head, body, field] of [
  ['header', '{"alg":"none","alg":"ES256"}', '{"sub":"a"}', 'jws.header'],
  ['header, escaped', '{"alg":"ES256","\\u0061lg":"ES256"}', '{"sub":"a"}', 'jws.header'],
  ['claims', '{"alg":"ES256"}', '{"sub":"user","sub":"admin"}', 'jwt'],
  ['claims, deep', '{"alg":"ES256"}', '{"a":{"b":1,"b":2}}', 'jwt'],
] as const)
  test(`a member that is there twice, in the ${what}, is MALFORMED, though genuine`, async () => {
    const start = `${base64url(head)}.${base64url(body)}`;
    const genuine = `${start}.${base64url(await issuer.sign(utf8(start)))}`;
    await assert.rejects(openJwt(genuine, { trust }), failsWith('MALFORMED', { field }));
  });

test('bits left over at the end of base64url are MALFORMED: one token has one text (RFC 4648 §3.5)', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // 64 bytes are 86 characters, of which the last has four bits to spare.
  const last = alphabet.indexOf(signature.at(-1) ?? '');
  assert.equal(last % 16, 0);
  for (let bits = 1; bits < 16; bits++) {
    const other = `${header}.${claims}.${signature.slice(0, -1)}${alphabet[last + bits]}`;
    assert.deepEqual(
      Buffer.from(other.split('.')[2] ?? '', 'base64url'),
      Buffer.from(signature, 'base64url'),
    );
    await assert.rejects(openJwt(other, { trust }), failsWith('MALFORMED', { field: 'jws.signature' }));
  }
});

for (const space of [' ', '\n', '\r\n', '\t', '\u00a0', '\ufeff', '\u0000', '='])
  test(`${JSON.stringify(space)} anywhere in a token is MALFORMED`, async () => {
    for (const at of [
      0,
      5,
      header.length,
      header.length + 1,
      token.length - signature.length,
      token.length,
    ]) {
      const other = `${token.slice(0, at)}${space}${token.slice(at)}`;
      await assert.rejects(openJwt(other, { trust }), failsWith('MALFORMED'));
    }
  });

test('both general and flattened members are MALFORMED: two readers would verify two signatures', async () => {
  const flattened = { payload: evil, protected: header, signature };
  const both = JSON.stringify({ ...flattened, signatures: [{ protected: header, signature }] });
  await assert.rejects(openJws(both, { trust }), failsWith('MALFORMED', { field: 'jws.signatures' }));
});

test('a text that is JSON to one reader and compact to another is no token (CVE-2022-39227)', async () => {
  const polyglot = `{"  ${header}.${evil}.":"","protected":"${header}","payload":"${claims}","signature":"${signature}"}`;
  await assert.rejects(openJwt(polyglot, { trust }), failsWith('MALFORMED', { field: 'jws.signature' }));
  // As a JWS it is the JSON it says it is, and gives what was signed.
  assert.deepEqual(
    (await openJws(polyglot, { trust })).payload,
    Uint8Array.from(Buffer.from(claims, 'base64url')),
  );
});

test('an empty list of signatures verifies nothing', async () => {
  const none = JSON.stringify({ payload: evil, signatures: [] });
  for (const minimumSigners of [undefined, 1]) {
    const options = minimumSigners === undefined ? { trust } : { trust, minimumSigners };
    await assert.rejects(openJws(none, options), failsWith('MALFORMED', { field: 'jws.signatures' }));
  }
});

test('an encrypted token, five parts, is MALFORMED and opens nothing', async () => {
  const jwe = `${base64url({ alg: 'RSA-OAEP-256', enc: 'A256GCM', p2c: 2 ** 31 })}.AA.AA.AA.AA`;
  await assert.rejects(openJwt(jwe, { trust }), failsWith('MALFORMED', { field: 'jws' }));
});

test('text of a million dots, brackets or signatures is refused', async () => {
  const many = 1_000_000;
  const nested = `{"a":${'['.repeat(many)}${']'.repeat(many)}}`;
  await assert.rejects(openJws('.'.repeat(many), { trust }), failsWith('MALFORMED', { field: 'jws' }));
  await assert.rejects(openJws(nested, { trust }), failsWith('MALFORMED', { field: 'jws.signature' }));
  const list = `{"payload":"","signatures":[${'{},'.repeat(many)}{}]}`;
  await assert.rejects(openJws(list, { trust }), failsWith('MALFORMED', { field: 'jws.signatures' }));
});

test('a token of one kind is none of another (RFC 8725 §2.8): type, issuer and audience keep them apart', async () => {
  const identity = await signJwt(
    {},
    { signer: issuer, expiresInSeconds: 60, audience: 'app', type: 'id+jwt' },
  );
  await assert.rejects(
    openJwt(identity, { trust, audience: 'app', type: 'at+jwt' }),
    failsWith('VERIFICATION_FAILED', { check: 'jwt.type' }),
  );
});
