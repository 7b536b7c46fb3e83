import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Algorithm, algorithm, createKeys, parseKeyRef, verify } from 'hardkey';
import { fixedKeys } from 'hardkey/testing';
import { decodeBase64url } from '../../src/encoding/base64.ts';
import { utf8 } from '../../src/encoding/bytes.ts';
import { decodeHex, encodeHex } from '../../src/encoding/hex.ts';
import { contract, neverChanges } from '../support/contract.ts';
import { failsWith } from '../support/failures.ts';

test('the Ed25519 key signs as RFC 8032 §7.1 prints, TEST 1', async () => {
  await using keys = createKeys([fixedKeys()]);
  const signer = (await keys.open('fixed:Ed25519')).use('Ed25519');
  assert.equal(
    encodeHex(signer.publicKey.toRaw()),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
  assert.equal(
    encodeHex(await signer.sign(new Uint8Array())),
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
});

test('the ES256 key is that of RFC 6979 A.2.5, whose signature verifies under it', async () => {
  await using keys = createKeys([fixedKeys()]);
  const { publicKey } = (await keys.open('fixed:ES256')).use('ES256');
  const signature = decodeHex(
    'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
  );
  await verify(publicKey, 'ES256', utf8('sample'), signature);
});

test('the RSA key is that of RFC 7520 §3.4, and signs as §4.1 prints', async () => {
  await using keys = createKeys([fixedKeys()]);
  const signer = (await keys.open('fixed:RS256')).use('RS256');
  assert.equal(signer.publicKey.bits, 2048);
  const input =
    'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9' +
    '.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4';
  const printed =
    'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg';
  assert.deepEqual(await signer.sign(utf8(input)), decodeBase64url(printed));
});

test('the key of HS256 makes the code that RFC 7520 §4.4 prints', async () => {
  await using keys = createKeys([fixedKeys()]);
  const mac = (await keys.open('fixed:HS256')).use('HS256');
  const input =
    'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9' +
    '.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4';
  const printed = 's0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0';
  assert.deepEqual(await mac.mac(utf8(input)), decodeBase64url(printed));
});

test('the key of A128KW unwraps what RFC 7520 §5.8 prints', async () => {
  await using keys = createKeys([fixedKeys()]);
  const wrapper = (await keys.open('fixed:A128KW')).use('A128KW');
  assert.deepEqual(
    await wrapper.unwrap(decodeBase64url('CBI6oDw8MydIx1IBntf_lQcw2MmJKIQx')),
    decodeBase64url('aY5_Ghmk9KxWPBLu_glx1w'),
  );
});

test('a fixed key says that it is published, and where', async () => {
  await using keys = createKeys([fixedKeys()]);
  const { custody } = await keys.open('fixed:ES256');
  assert.deepEqual(custody.facts, { extractable: true, published: 'RFC 6979 A.2.5' });
});

test('an algorithm without a published key is KEY_NOT_FOUND, and what is none is ARGUMENT_INVALID', async () => {
  await assert.rejects(fixedKeys().open(parseKeyRef('fixed:Ed448')), failsWith('KEY_NOT_FOUND'));
  await assert.rejects(fixedKeys().open(parseKeyRef('fixed:issuer')), failsWith('ARGUMENT_INVALID'));
});

const names: Algorithm[] = [];
for await (const { algorithms } of fixedKeys().list?.() ?? []) names.push(...algorithms);

contract(
  'fixed keys',
  () => ({
    provider: fixedKeys,
    keys: Object.fromEntries(names.map((name) => [algorithm(name).name, `fixed:${name}`])),
    missing: 'fixed:Ed448',
    malformed: ['fixed:', 'fixed:issuer', 'fixed:ES256?version=1'],
  }),
  {
    notApplicable: {
      'rejected credentials are DENIED': 'the subject has no credentials to reject',
      'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds':
        'the subject cannot take its backend away',
      'a key that was created opens, and creating it again is KEY_EXISTS': 'the provider creates no keys',
      'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again':
        'the provider destroys no keys',
      'an imported key does what its bytes say': 'the provider imports no keys',
      'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
      ...neverChanges,
    },
  },
);
