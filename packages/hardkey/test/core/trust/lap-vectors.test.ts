import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { createTrust, type Trust, verifyTrusted } from '../../../src/core/trust/trust.ts';
import { decodeBase64 } from '../../../src/encoding/base64.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { now } from '../../support/documents.ts';
import { failsWith } from '../../support/failures.ts';

function refused(check: string): (error: unknown) => true {
  return failsWith('VERIFICATION_FAILED', { check });
}

const lap = vectors('lap/test_vectors');

interface Token {
  readonly [name: string]: string | boolean | readonly string[] | Readonly<Record<string, number | null>>;
}

/** The bytes a LAP capability token signs: each field after its length in eight bytes. */
function tokenPayload(token: Token): Uint8Array {
  const text = (name: string): string => String(token[name]);
  const list = (name: string): string => (token[name] as readonly string[]).toSorted().join();
  const budget = Object.entries(token['budget'] as object).toSorted();
  const budgetJson = `{${budget.map(([name, value]) => `"${name}": ${value}`).join(', ')}}`;
  const flag = (name: string): string => (token[name] ? 'True' : 'False');
  const fields = [
    ...['jti', 'sub', 'iss', 'action_id', 'evidence_hash', 'decision_hash', 'tier'].map(text),
    ...['allowed_tools', 'allowed_ops'].map(list),
    budgetJson,
    ...['iat', 'exp', 'params_hash', 'sid'].map(text),
    ...['nonce_required', 'counter_required'].map(flag),
  ];
  return concat(
    ...fields.flatMap((field) => {
      const length = new DataView(new ArrayBuffer(8));
      length.setBigUint64(0, BigInt(utf8(field).length));
      return [new Uint8Array(length.buffer), utf8(field)];
    }),
  );
}

function verifyToken(
  trust: Trust,
  token: Token,
  at: Date,
  signedAt?: Date,
): ReturnType<typeof verifyTrusted> {
  return verifyTrusted(trust, {
    algorithm: 'Ed25519',
    keyId: String(token['key_id']),
    message: tokenPayload(token),
    signature: decodeBase64(String(token['signature'])),
    at,
    ...(signedAt && { signedAt }),
  });
}

interface Case {
  readonly type: string;
  readonly token_file: string;
  readonly trusted_keys: Readonly<Record<string, string>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(lap.path, name), 'utf8'));

test('the tokens of the LAP vectors verify under their key sets', {
  skip: lap.missing ?? false,
}, async () => {
  const { cases } = read('vectors.json') as { readonly cases: readonly Case[] };
  const tokens = cases.filter(({ type }) => type === 'token_verify');
  assert.equal(tokens.length, 3);
  for (const { token_file, trusted_keys } of tokens) {
    const token = read(token_file) as Token;
    const { key } = await verifyToken(await createTrust(trusted_keys), token, now);
    assert.equal(key.keyId, token['key_id']);
    const others = Object.fromEntries(
      Object.entries(trusted_keys).filter(([keyId]) => keyId !== token['key_id']),
    );
    await assert.rejects(verifyToken(await createTrust(others), token, now), refused('key.known'));
  }
});

test('the LAP token whose key is revoked later needs a caller who vouches for its time', {
  skip: lap.missing ?? false,
}, async () => {
  const { cases } = read('vectors.json') as { readonly cases: readonly Case[] };
  const token = read('token_revoked_effective_later.json') as Token;
  const keyId = String(token['key_id']);
  const public_key_hex = cases.find(({ trusted_keys }) => trusted_keys?.[keyId])?.trusted_keys[keyId];
  const issued = new Date(String(token['iat']));
  const trust = await createTrust({
    version: 1,
    keys: { [keyId]: { public_key_hex, status: 'active' } },
    revocations: [{ key_id: keyId, revoked_at_utc: '2026-02-01T00:00:00+00:00', reason: 'rotated' }],
  });
  for (const outcome of [verifyToken(trust, token, issued), verifyToken(trust, token, now, issued)]) {
    const { checks } = await outcome;
    assert.match(checks.find(({ name }) => name === 'key.revoked')?.detail ?? '', /later/);
  }
  await assert.rejects(verifyToken(trust, token, now), refused('key.revoked'));
  await assert.rejects(verifyToken(trust, { ...token, sid: 'x' }, issued), refused('signature'));
});
