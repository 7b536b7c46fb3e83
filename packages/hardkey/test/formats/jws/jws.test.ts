import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, createTrust, type Failure, isFailure, Secret } from 'hardkey';
import { openJws, signJws } from 'hardkey/formats/jws';
import { memory } from 'hardkey/providers/memory';

// RFC 7515 appendix A.3.
const ES256_JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const ES256_JWS =
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290' +
  'Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
// RFC 8037 appendix A.
const EDDSA_JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const EDDSA_PRIVATE = { ...EDDSA_JWK, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' };
const EDDSA_JWS =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' +
  'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const base64url = (value: string) => Buffer.from(value).toString('base64url');
const trust = await createTrust([EDDSA_JWK, ES256_JWK]);

async function signer() {
  const keys = createKeys([memory()]);
  const material = new Secret(utf8(JSON.stringify(EDDSA_PRIVATE)));
  return (await keys.import('memory:rfc8037', { material })).use('Ed25519');
}

/** The failure of verifying `jws`. */
async function failure(jws: string, payload?: Uint8Array): Promise<Failure> {
  try {
    await openJws(jws, { trust, ...(payload && { payload }) });
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** The RFC 8037 signature under another header. */
const withHeader = (header: string) => EDDSA_JWS.replace(/^[^.]+/, base64url(header));

test('the ES256 example of RFC 7515 verifies and gives its payload', async () => {
  const { payload, algorithm, checks } = await openJws(ES256_JWS, { trust });
  assert.equal(algorithm, 'ES256');
  assert.equal(JSON.parse(text(payload)).iss, 'joe');
  assert.ok(checks.every(({ passed }) => passed));
});

test('the EdDSA example of RFC 8037 verifies, and Ed25519 signs it again byte for byte', async () => {
  const { payload, algorithm } = await openJws(EDDSA_JWS, { trust });
  assert.equal(algorithm, 'Ed25519');
  assert.equal(text(payload), 'Example of Ed25519 signing');
  assert.equal(await signJws(payload, { signer: await signer(), keyId: null }), EDDSA_JWS);
});

test('every changed bit of the RFC 8037 example is refused', async () => {
  const bytes = EDDSA_JWS.split('.').map((part) => Buffer.from(part, 'base64url'));
  for (const [index, part] of bytes.entries()) {
    for (let bit = 0; bit < part.length * 8; bit++) {
      const changed = Buffer.from(part);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const jws = bytes.map((one, at) => (at === index ? changed : one).toString('base64url')).join('.');
      const { code } = await failure(jws);
      const header = ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'];
      assert.ok((index === 0 ? header : ['VERIFICATION_FAILED']).includes(code), `${index}: ${bit}: ${code}`);
    }
  }
});

test('the kid is the thumbprint, and finds the key', async () => {
  const jws = await signJws(utf8('content'), { signer: await signer() });
  const opened = await openJws(jws, { trust });
  // RFC 8037 appendix A.3.
  assert.equal(opened.keyId, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('a detached signature needs its payload, and no other', async () => {
  const payload = utf8('content');
  const jws = await signJws(payload, { signer: await signer(), detached: true });
  assert.match(jws, /^[\w-]+\.\.[\w-]+$/);
  assert.deepEqual((await openJws(jws, { trust, payload })).payload, payload);
  assert.equal((await failure(jws, utf8('other'))).code, 'VERIFICATION_FAILED');
  assert.equal((await failure(jws)).code, 'VERIFICATION_FAILED');
  assert.equal((await failure(EDDSA_JWS, payload)).code, 'ARGUMENT_INVALID');
});

for (const [what, jws, code, field] of [
  ['two parts', 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc', 'MALFORMED', 'jws'],
  ['five parts', `${EDDSA_JWS}.a.a`, 'MALFORMED', 'jws'],
  ['a line end after it', `${EDDSA_JWS}\n`, 'MALFORMED', 'jws.signature'],
  ['a padded part', EDDSA_JWS.replace('bmc.', 'bmc=.'), 'MALFORMED', 'jws.payload'],
  ['a header that is not JSON', withHeader('{'), 'MALFORMED', 'jws.header'],
  ['a header with a repeated member', withHeader('{"alg":"EdDSA","alg":"EdDSA"}'), 'MALFORMED', 'jws.header'],
  ['a header without alg', withHeader('{}'), 'MALFORMED', 'jws.alg'],
  ['an alg that is no text', withHeader('{"alg":1}'), 'MALFORMED', 'jws.alg'],
  ['alg none', withHeader('{"alg":"none"}'), 'UNSUPPORTED', 'jws.alg'],
  ['alg HS256', withHeader('{"alg":"HS256"}'), 'UNSUPPORTED', 'jws.alg'],
  ['an empty crit', withHeader('{"alg":"EdDSA","crit":[]}'), 'MALFORMED', 'jws.crit'],
  ['a crit that names nothing', withHeader('{"alg":"EdDSA","crit":["exp"]}'), 'MALFORMED', 'jws.crit'],
  ['b64', withHeader('{"alg":"EdDSA","crit":["b64"],"b64":false}'), 'UNSUPPORTED', 'jws.crit'],
] as const)
  test(`${what} is ${code}`, async () => {
    const found = await failure(jws);
    assert.deepEqual([found.code, found.details.field], [code, field]);
  });

test('a key that stands in the header is not used', async () => {
  const other = createKeys([memory()]);
  const stranger = (await other.create('memory:stranger', { algorithm: 'Ed25519' })).use('Ed25519');
  const header = base64url(JSON.stringify({ alg: 'EdDSA', jwk: stranger.publicKey.toJwk() }));
  const signature = await stranger.sign(utf8(`${header}.AA`));
  const { code, details } = await failure(`${header}.AA.${Buffer.from(signature).toString('base64url')}`);
  assert.deepEqual([code, details.check], ['VERIFICATION_FAILED', 'signature']);
});
