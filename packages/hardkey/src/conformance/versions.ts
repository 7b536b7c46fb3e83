/**
 * Clause 9, for keys that live longer: versions and states.
 *
 * @module
 */
import type { Algorithm, OperationKind } from '../core/algorithms.ts';
import type { Key, KeyProvider, KeyState } from '../core/key.ts';
import { type KeyRef, parseKeyRef } from '../core/key-ref.ts';
import type { Aead, Signer } from '../core/operations.ts';
import { verify } from '../core/verify.ts';
import { isFailure } from '../errors.ts';
import { expect, expectFailure, notApplicable, sameBytes } from './expect.ts';
import type { ContractCase, NotApplicable, ProviderSubject } from './subject.ts';
import { AAD, anyClaim, firstClaim, MESSAGE, perform, publicKeyOf, unusedRef } from './trial.ts';

/** The further cases of clause 9. */
export const versionCases: readonly ContractCase[] = [
  {
    clause: 9,
    name: 'after a rotation the new version signs, and the old one verifies and does not sign',
    run: (subject) => rotates(subject, 'sign', signsNoMore),
  },
  {
    clause: 9,
    name: 'after a rotation the new version encrypts, and the old one decrypts and does not encrypt',
    run: (subject) => rotates(subject, 'aead', encryptsNoMore),
  },
  { clause: 9, name: 'a suspended or compromised key is DENIED, until it is active again', run: suspends },
  { clause: 9, name: 'a compromised key still decrypts, and a suspended one does not', run: decrypts },
];

interface Rotation {
  readonly name: Algorithm;
  /** The key before, as it was opened then. */
  readonly before: Key;
  /** What it signed or encrypted. */
  readonly made: unknown;
  readonly old: Key;
  readonly current: Key;
}

async function rotates(
  subject: ProviderSubject,
  kind: OperationKind,
  check: (rotation: Rotation) => Promise<void>,
): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.rotate === undefined) return notApplicable('the provider rotates no keys');
  const claim = firstClaim(subject, kind);
  if (claim === undefined) return notApplicable(`no key claims to ${kind}`);
  const { name } = claim;
  const ref = await own(subject, provider, claim);
  const before = await provider.open(ref);
  const made = await perform(before, name);
  const rotated = await provider.rotate(ref);
  const current = await provider.open(ref);
  const old = await provider.open(parseKeyRef(String(before.ref)));
  expect(String(rotated.ref) !== String(before.ref), `${name}: a new version has another reference`);
  expect(current.id === rotated.id, `${name}: the key without a version is the new one`);
  expect(
    old.id === before.id && old.id !== current.id,
    `${name}: the old reference is still the old version`,
  );
  const isSaid = old.superseded === true && current.superseded === undefined;
  expect(isSaid, `${name}: the old version, and no other, says that it is superseded`);
  await check({ name, before, made, old, current });
  return undefined;
}

async function signsNoMore({ name, before, made, old, current }: Rotation): Promise<void> {
  const signer = current.use(name) as Signer;
  await verify(publicKeyOf(current), signer.algorithm, MESSAGE, await signer.sign(MESSAGE));
  await verify(publicKeyOf(old), signer.algorithm, MESSAGE, made as Uint8Array);
  const same = publicKeyOf(old).fingerprint === publicKeyOf(before).fingerprint;
  expect(same, `${name}: the old version keeps its public key`);
  await expectFailure('DENIED', `${name}: signing with the old version`, () => perform(old, name));
}

async function encryptsNoMore({ name, made, old, current }: Rotation): Promise<void> {
  const sealed = made as Awaited<ReturnType<Aead['encrypt']>>;
  await perform(current, name);
  const opened = await (old.use(name) as Aead).decrypt(sealed, AAD);
  expect(sameBytes(opened, MESSAGE), `${name}: the old version decrypts what it encrypted`);
  const act = (): unknown => (current.use(name) as Aead).decrypt(sealed, AAD);
  await expectFailure('DECRYPTION_FAILED', `${name}: decrypting it with the new version`, act);
  await expectFailure('DENIED', `${name}: encrypting with the old version`, () => perform(old, name));
}

async function suspends(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.setState === undefined) return notApplicable('the provider changes no states');
  const claim = anyClaim(subject);
  const ref = await own(subject, provider, claim);
  for (const state of ['suspended', 'compromised'] as const) {
    const key = await inState(provider, ref, state);
    if (key === undefined) continue;
    await expectFailure('DENIED', `using a ${state} key`, () => perform(key, claim.name));
  }
  const active = await inState(provider, ref, 'active');
  await perform(active ?? (await provider.open(ref)), claim.name);
  return undefined;
}

async function decrypts(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.setState === undefined) return notApplicable('the provider changes no states');
  const claim = firstClaim(subject, 'aead');
  if (claim === undefined) return notApplicable('no key claims to aead');
  const ref = await own(subject, provider, claim);
  const sealed = await ((await provider.open(ref)).use(claim.name) as Aead).encrypt(MESSAGE, AAD);
  const open = (key: Key) => (key.use(claim.name) as Aead).decrypt(sealed, AAD);
  const compromised = await inState(provider, ref, 'compromised');
  const opened = compromised && (await open(compromised));
  expect(opened === undefined || sameBytes(opened, MESSAGE), 'a compromised key decrypts what it encrypted');
  const suspended = await inState(provider, ref, 'suspended');
  await expectFailure('DENIED', 'decrypting with a suspended key', () => suspended && open(suspended));
  return undefined;
}

/**
 * Sets a state, and opens the key, which must say so. Undefined where the backend does not know the state:
 * services have no `compromised`, and whoever sets states has the other two.
 */
async function inState(
  provider: KeyProvider,
  ref: KeyRef,
  state: Exclude<KeyState, 'destroyed'>,
): Promise<Key | undefined> {
  try {
    await provider.setState?.(ref, state);
  } catch (error) {
    if (state === 'compromised' && isFailure(error, 'UNSUPPORTED')) return undefined;
    throw error;
  }
  const key = await provider.open(ref);
  expect(key.state === state, `a key that was made ${state} says so`);
  return key;
}

/** A key that may be changed: a new one where the provider creates, otherwise that of the subject. */
async function own(
  subject: ProviderSubject,
  provider: KeyProvider,
  { name, ref }: { readonly name: Algorithm; readonly ref: string },
): Promise<KeyRef> {
  if (provider.create === undefined) return parseKeyRef(ref);
  const unused = parseKeyRef(unusedRef(subject));
  await provider.create(unused, { algorithm: name });
  return unused;
}
