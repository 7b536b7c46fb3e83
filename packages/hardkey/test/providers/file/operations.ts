// What changes a store, and what the store holds before and after it.
import assert from 'node:assert/strict';
import { createKeys, type KeyInfo, type KeyProvider, type Keys, verify } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { secretBytes } from 'hardkey/secrets';
import { parseKeyRef } from '../../../src/core/key-ref.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Step } from '../../../src/providers/file/steps.ts';
import { collected } from '../../support/collected.ts';

/** The operations that write; `found` creates the first key, and its store. */
export const OPERATIONS = ['found', 'create', 'import', 'rotate', 'setState', 'destroy'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** What a child does, and where it ends. */
export interface Order {
  readonly store: string;
  readonly operation: Operation;
  /** Number of the step at which it is killed. */
  readonly at: number;
  readonly passphrase?: string;
  /** A step that is never taken. */
  readonly leaveOut?: Step;
}

/** Label and version, with the state. */
export type Contents = Readonly<Record<string, string>>;

const OLD: Contents = { 'file:old?version=1': 'active' };

/** What a store holds before an operation. */
export function contentsBefore(operation: Operation): Contents {
  return operation === 'found' ? {} : OLD;
}

/** What it holds after. */
export const AFTER: Readonly<Record<Operation, Contents>> = {
  found: { 'file:new?version=1': 'active' },
  create: { ...OLD, 'file:new?version=1': 'active' },
  import: { ...OLD, 'file:new?version=1': 'active' },
  rotate: { 'file:old?version=2': 'active', ...OLD },
  setState: { 'file:old?version=1': 'compromised' },
  destroy: {},
};

export function providerOf({ store, passphrase }: Pick<Order, 'store' | 'passphrase'>): KeyProvider {
  if (passphrase === undefined) return file({ store, unencrypted: true });
  return file({ store, passphrase: secretBytes(new TextEncoder().encode(passphrase)) });
}

// RFC 8037 appendix A.1.
const JWK =
  '{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';

/** How long a call may take: the tests say nothing of time, and machines are busy. */
export const PATIENT = { deadlineMs: 600_000 } as const;

/** Does one operation. */
export async function perform(keys: KeyProvider, operation: Operation): Promise<void> {
  const [old, created] = [parseKeyRef('file:old'), parseKeyRef('file:new')];
  const spec = { algorithm: 'Ed25519' } as const;
  const acts: Readonly<Record<Operation, () => Promise<unknown> | undefined>> = {
    found: () => keys.create?.(created, spec),
    create: () => keys.create?.(created, spec),
    import: () => keys.import?.(created, { material: new Secret(new TextEncoder().encode(JWK)) }),
    rotate: () => keys.rotate?.(old),
    setState: () => keys.setState?.(old, 'compromised'),
    destroy: () => keys.destroy?.(old),
  };
  await acts[operation]();
}

const MESSAGE = new TextEncoder().encode('after the crash');

/** What a store holds: every key opens, is the one of its record, and does what its state allows. */
export async function contentsOf(order: Pick<Order, 'store' | 'passphrase'>): Promise<Contents> {
  const keys = createKeys([providerOf(order)], PATIENT);
  const infos = await collected(keys.list());
  for (const info of infos) await useKey(keys, info, infos);
  return Object.fromEntries(infos.map(({ ref, state }) => [ref.toString(), state]));
}

async function useKey(keys: Keys, { ref, label, publicKey, state }: KeyInfo, infos: readonly KeyInfo[]) {
  const key = await keys.open(ref);
  assert.ok(publicKey);
  assert.equal(key.publicKey?.fingerprint, publicKey.fingerprint);
  // The current version comes first.
  const current = infos.find((other) => other.label === label)?.ref === ref;
  if (state !== 'active' || !current) return;
  await verify(publicKey, 'Ed25519', MESSAGE, await key.use('Ed25519').sign(MESSAGE));
}

/** Whether a store holds what it did before an operation, or what it holds after it. */
export function isWhole(found: Contents, operation: Operation): boolean {
  return [contentsBefore(operation), AFTER[operation]].some((expected) => isSame(found, expected));
}

/** Whether two stores hold the same. */
export function isSame(a: Contents, b: Contents): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
