// What the claim169 library 0.3 takes for what it is not, or refuses though it is right, by the rows of
// tokens.ts. It is asked, too: a token that it would refuse for another reason would prove nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from 'hardkey/formats/claim169';
import { encodeHex } from '../../../../src/encoding/hex.ts';
import { failsWith } from '../../../support/failures.ts';
import { ask, skip } from '../peer/ask.ts';
import { AT, type Issuer, issuerFor } from '../support.ts';
import { type Read, type Refused, type Token, tokens } from './tokens.ts';

for (const token of tokens) {
  const { title, make, here, deterministic } = token;
  test(title, async (t) => {
    const issuer = await issuerFor(t);
    const text = await make(issuer.signer);
    if (isRefused(here)) await isRefusedWith(here, decode(text, { trust: issuer.trust, at: AT }));
    else await isReadAs(here, text, issuer);
    if (deterministic === undefined) return;
    await isRefusedWith(deterministic, decode(text, { trust: issuer.trust, at: AT, deterministic: true }));
  });
}

function isRefused(here: Token['here']): here is Refused {
  return Array.isArray(here);
}

function isRefusedWith([code, details = {}]: Refused, decoding: Promise<unknown>): Promise<void> {
  return assert.rejects(decoding, failsWith(code, details));
}

async function isReadAs(
  { identity = { id: '7' }, warnings, profile = '1.2.1', check }: Read,
  text: string,
  { trust }: Issuer,
): Promise<void> {
  const decoded = await decode(text, { trust, at: AT, profile });
  assert.equal(decoded.isVerified(), true);
  assert.deepEqual(decoded.identity, identity);
  assert.deepEqual(
    decoded.warnings.map(({ code, path }) => `${code} ${path}`),
    warnings,
  );
  check?.(decoded);
  if (profile === '1.2.1') return;
  await assert.rejects(decode(text, { trust, at: AT }), failsWith('MALFORMED', { actual: profile }));
}

test('the library does with each of these what its row says', { skip }, async (t) => {
  const { signer } = await issuerFor(t);
  const pub = encodeHex(signer.publicKey.toRaw());
  const texts = await Promise.all(tokens.map(({ make }) => make(signer)));
  const answers = ask(texts.map((text) => ({ op: 'decode', text, pub })));
  const verdicts = answers.map(({ error, verified }) => error ?? (verified ? 'verified' : 'not verified'));
  assert.deepEqual(
    tokens.map(({ title }, index) => [title, verdicts[index]]),
    tokens.map(({ title, peer }) => [title, peer]),
  );
});
