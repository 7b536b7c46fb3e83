// What goes over the wire, and what somebody on it can do.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeys, isFailure, parseKeyRef, Secret, verify } from 'hardkey';
import { type TpmConfig, type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { collected } from '../../support/collected.ts';
import { failsWith } from '../../support/failures.ts';
import { type Swtpm, swtpmFor } from '../../support/swtpm.ts';
import { setHierarchyAuth } from './hierarchy.ts';
import { relayTo, secretOf, specOf } from './support.ts';

const skip = component('swtpm').missing ?? false;
const PIN = 'a-pin-that-nobody-sees';
const SEALED = 'sealed-data-of-thirty-two-bytes!';
const REF = parseKeyRef('tpm:handle=0x81000100');

interface Watched {
  readonly swtpm: Swtpm;
  readonly provider: TpmProvider;
  /** Everything that passed, in either direction. */
  readonly wire: () => Buffer;
  /** Changes one bit of the parameters of the next response to this command. */
  readonly disturb: (code: number) => void;
}

async function watched(t: TestContext, config: Omit<TpmConfig, 'device'> = {}): Promise<Watched> {
  const swtpm = await swtpmFor(t);
  const seen: Uint8Array[] = [];
  let disturbed: number | undefined;
  let last = 0;
  const relay = await relayTo(t, swtpm.device, {
    onCommand(bytes) {
      seen.push(Uint8Array.from(bytes));
      last = Buffer.from(bytes).readUInt32BE(6);
      return undefined;
    },
    onResponse(bytes) {
      seen.push(Uint8Array.from(bytes));
      if (last !== disturbed) return bytes;
      disturbed = undefined;
      const changed = Buffer.from(bytes);
      changed[20] = (changed[20] ?? 0) ^ 1;
      return changed;
    },
  });
  const provider = tpm({ device: relay.device, ...config });
  t.after(() => provider.close());
  return {
    swtpm,
    provider,
    wire: () => Buffer.concat(seen),
    disturb(code) {
      disturbed = code;
    },
  };
}

test('no value, no sealed data and no plaintext is on the wire', { skip }, async (t) => {
  const { provider, wire } = await watched(t, { auth: secretOf(PIN) });
  const key = await provider.create?.(REF, { algorithm: 'ES256' });
  assert.ok(key?.publicKey !== undefined);
  await key.use('ES256').sign(new Uint8Array(3));
  const auth = (): Secret => new Secret(new TextEncoder().encode(PIN));
  const text = await provider.seal(new Secret(new TextEncoder().encode(SEALED)), { auth: auth() });
  const opened = await provider.unseal(text, { auth: auth() });
  assert.equal(
    opened.use((bytes) => Buffer.from(bytes).toString()),
    SEALED,
  );
  const reader = await provider.create?.(parseKeyRef('tpm:handle=0x81000101'), specOf('RSA-OAEP-256'));
  const wrapper = reader?.use('RSA-OAEP-256');
  assert.ok(wrapper !== undefined);
  const content = Buffer.from('a content key of 32 bytes, as is');
  assert.deepEqual(Buffer.from(await wrapper.unwrap(await wrapper.wrap(content))), content);
  const all = wire();
  // What is public shows, so that it is the wire that was searched.
  assert.ok(all.includes(Buffer.from(key.publicKey.toRaw().subarray(1, 33))));
  for (const secret of [Buffer.from(PIN), Buffer.from(SEALED), content]) assert.ok(!all.includes(secret));
});

test('sessions that are always there hide the digest, and find an answer that was changed', {
  skip,
}, async (t) => {
  const SIGN = 0x15d;
  const message = new TextEncoder().encode('what nobody is to read');
  const digest = createHash('sha256').update(message).digest();
  for (const sessions of ['when-needed', 'always'] as const) {
    const { provider, wire, disturb } = await watched(t, { sessions });
    const key = await provider.create?.(REF, { algorithm: 'ES256' });
    const signer = key?.use('ES256');
    assert.ok(key !== undefined && signer !== undefined);
    await verify(signer.publicKey, 'ES256', message, await signer.sign(message));
    assert.equal(wire().includes(digest), sessions === 'when-needed');
    await key.attest?.({ nonce: digest });
    const reader = await provider.create?.(parseKeyRef('tpm:handle=0x81000101'), specOf('RSA-OAEP-256'));
    const wrapper = reader?.use('RSA-OAEP-256');
    const wrapped = await wrapper?.wrap(digest);
    assert.deepEqual(Buffer.from((await wrapper?.unwrap(wrapped ?? digest)) ?? []), digest);
    assert.equal(wire().includes(Buffer.from(wrapped ?? '')), sessions === 'when-needed');
    const agreeing = await provider.create?.(parseKeyRef('tpm:handle=0x81000102'), specOf('ECDH-ES+A128KW'));
    const agreement = agreeing?.use('ECDH-ES+A128KW');
    assert.equal((await agreement?.agree(agreement.publicKey))?.length, 32);
    disturb(SIGN);
    const changed = signer.sign(message);
    const found = failsWith('VERIFICATION_FAILED', { check: 'tpm.response' });
    if (sessions === 'always') await assert.rejects(changed, found);
    else await changed;
  }
  assert.throws(
    () => tpm({ sessions: 'never' } as never),
    failsWith('ARGUMENT_INVALID', { field: 'tpm.sessions' }),
  );
});

test('an answer that was changed on the way is VERIFICATION_FAILED', { skip }, async (t) => {
  const { provider, disturb } = await watched(t, { auth: secretOf(PIN) });
  const key = await provider.create?.(REF, { algorithm: 'ES256' });
  const signer = key?.use('ES256');
  assert.ok(signer !== undefined);
  await signer.sign(new Uint8Array(3));
  const SIGN = 0x15d;
  disturb(SIGN);
  await assert.rejects(
    signer.sign(new Uint8Array(3)),
    failsWith('VERIFICATION_FAILED', { check: 'tpm.response' }),
  );
  await signer.sign(new Uint8Array(3));
});

test('a response that is none ends the connection, and the next call has a new one', { skip }, async (t) => {
  const swtpm = await swtpmFor(t);
  let broken = false;
  const relay = await relayTo(t, swtpm.device, {
    onResponse(bytes) {
      if (!broken) return bytes;
      broken = false;
      return Buffer.from('this is no response of a TPM');
    },
  });
  const provider = tpm({ device: relay.device });
  t.after(() => provider.close());
  const signer = (await provider.create?.(REF, { algorithm: 'ES256' }))?.use('ES256');
  assert.ok(signer !== undefined);
  broken = true;
  await assert.rejects(
    signer.sign(new Uint8Array(3)),
    failsWith('MALFORMED', { field: 'tpm.response.size' }),
  );
  await signer.sign(new Uint8Array(3));
});

test('a command that the TPM has not begun is sent again as it was, and no more often than that', {
  skip,
}, async (t) => {
  const swtpm = await swtpmFor(t);
  const RETRY = Uint8Array.of(0x80, 1, 0, 0, 0, 10, 0, 0, 0x09, 0x22);
  let refused: Buffer[] = [];
  let left = 0;
  const relay = await relayTo(t, swtpm.device, {
    onCommand(bytes) {
      if (left === 0) return undefined;
      left -= 1;
      refused.push(Buffer.from(bytes));
      return RETRY;
    },
  });
  const provider = tpm({ device: relay.device, auth: secretOf(PIN) });
  t.after(() => provider.close());
  const signer = (await provider.create?.(REF, { algorithm: 'ES256' }))?.use('ES256');
  assert.ok(signer !== undefined);
  await signer.sign(new Uint8Array(3));
  // In a session: the TPM counts what it was sent, and takes a proof once.
  left = 4;
  await signer.sign(new Uint8Array(3));
  assert.equal(refused.length, 4);
  assert.ok(refused.every((one) => one.equals(refused[0] ?? one)));
  refused = [];
  left = Number.POSITIVE_INFINITY;
  await assert.rejects(signer.sign(new Uint8Array(3)), failsWith('UNAVAILABLE', { operation: 'TPM2_Sign' }));
  assert.equal(refused.length, 10);
  left = 0;
  await signer.sign(new Uint8Array(3));
});

test('owner and endorsement hierarchies with a value are opened by it', { skip }, async (t) => {
  const { swtpm, provider } = await watched(t);
  await provider.create?.(REF, { algorithm: 'ES256' });
  await provider.close();
  await setHierarchyAuth(swtpm, 'owner', 'owner-value');
  await setHierarchyAuth(swtpm, 'endorsement', 'endorsement-value');
  const closed = tpm({ device: swtpm.device });
  t.after(() => closed.close());
  // What is there needs no hierarchy.
  await (await closed.open(REF)).use('ES256').sign(new Uint8Array(3));
  const other = parseKeyRef('tpm:handle=0x81000102');
  const denied = (hierarchy: string) => (error: unknown) => {
    assert.match(String(error), new RegExp(`the ${hierarchy} hierarchy has another .*: ${hierarchy}Auth`));
    return isFailure(error, 'DENIED');
  };
  await assert.rejects(async () => closed.create?.(other, { algorithm: 'ES256' }), denied('owner'));
  await assert.rejects(closed.attestationKey(), denied('endorsement'));
  await assert.rejects(async () => closed.destroy?.(REF), denied('owner'));
  const open = tpm({
    device: swtpm.device,
    ownerAuth: secretOf('owner-value'),
    endorsementAuth: secretOf('endorsement-value'),
  });
  t.after(() => open.close());
  const file = parseKeyRef(`tpm:file=${join(swtpm.state, 'key.pem')}`);
  for (const ref of [other, file]) {
    const key = await open.create?.(ref, { algorithm: 'ES256' });
    await key?.use('ES256').sign(new Uint8Array(3));
    await key?.attest?.({ nonce: new Uint8Array(8) });
  }
  await open.destroy?.(REF);
  // Nothing of theirs is loaded any more. A file that cannot be looked into is none that is not there.
  await Promise.all([open.close(), closed.close()]);
  const keys = createKeys([tpm({ device: swtpm.device, folder: swtpm.state })]);
  t.after(() => keys.close());
  await assert.rejects(collected(keys.list()), denied('owner'));
});
