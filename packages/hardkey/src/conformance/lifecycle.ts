/**
 * Clause 9: keys come, are listed, and go.
 *
 * @module
 */
import { type Algorithm, algorithm } from '../core/algorithms.ts';
import type { KeyInfo, KeyProvider } from '../core/key.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Aead, KeyWrapper, Mac } from '../core/operations.ts';
import { Secret } from '../core/secret.ts';
import { expect, expectFailure, notApplicable, sameBytes } from './expect.ts';
import type { ContractCase, NotApplicable, ProviderSubject } from './subject.ts';
import { AAD, anyClaim, bytesOf, CONTENT_KEY, MESSAGE, perform, unusedRef } from './trial.ts';
import { generateJwk, twinOf } from './witness.ts';

/** The first cases of clause 9. */
export const lifecycleCases: readonly ContractCase[] = [
  { clause: 9, name: 'a key that was created opens, and creating it again is KEY_EXISTS', run: creates },
  {
    clause: 9,
    name: 'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again',
    run: destroys,
  },
  { clause: 9, name: 'every key that is listed opens as what the list says', run: lists },
  { clause: 9, name: 'an imported key does what its bytes say', run: imports },
  { clause: 9, name: 'an imported key whose halves do not belong together is MALFORMED', run: refusesHalves },
];

async function creates(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.create === undefined) return notApplicable('the provider creates no keys');
  const ref = parseKeyRef(unusedRef(subject));
  const { name } = anyClaim(subject);
  const created = await provider.create(ref, { algorithm: name });
  expect(created.state === 'active', 'a new key is active');
  const opened = await provider.open(ref);
  expect(opened.id === created.id, 'opening gives the key that was created');
  await perform(opened, name);
  const again = (): unknown => provider.create?.(ref, { algorithm: name });
  await expectFailure('KEY_EXISTS', 'creating a key that exists', again);
  expect((await provider.open(ref)).id === created.id, 'and the first key is still there');
  return undefined;
}

async function destroys(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.destroy === undefined) return notApplicable('the provider destroys no keys');
  if (provider.create === undefined) return notApplicable('the provider creates no key to be destroyed');
  const ref = parseKeyRef(unusedRef(subject));
  const { name } = anyClaim(subject);
  await provider.create(ref, { algorithm: name });
  await provider.destroy(ref);
  await expectFailure('KEY_NOT_FOUND', 'opening a destroyed key', () => provider.open(ref));
  await expectFailure('KEY_NOT_FOUND', 'destroying it again', () => provider.destroy?.(ref));
  const kept = anyClaim(subject);
  await perform(await provider.open(parseKeyRef(kept.ref)), kept.name);
  return undefined;
}

async function lists(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.list === undefined) return notApplicable('the provider lists no keys');
  const listed = await listOf(provider);
  for (const info of listed) {
    const opened = await provider.open(parseKeyRef(String(info.ref)));
    const same = opened.id === info.id && opened.algorithms.join() === info.algorithms.join();
    expect(same, `${String(info.ref)} opens as what the list says`);
  }
  for (const ref of Object.values(subject.keys)) {
    const { id } = await provider.open(parseKeyRef(ref));
    expect(
      listed.some((info) => info.id === id),
      `${ref} is in the list`,
    );
  }
  return undefined;
}

async function listOf(provider: KeyProvider): Promise<readonly KeyInfo[]> {
  const found: KeyInfo[] = [];
  for await (const info of provider.list?.() ?? []) found.push(info);
  return found;
}

async function imports(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.import === undefined) return notApplicable('the provider imports no keys');
  const names = symmetricOf(subject);
  for (const { name, bits } of names) {
    const secret = globalThis.crypto.getRandomValues(new Uint8Array(bits / 8));
    const material = { material: new Secret(secret), algorithm: name };
    const key = await provider.import(parseKeyRef(unusedRef(subject)), material);
    const right = await TWINS[algorithm(name).operation]?.(key.use(name), name, secret);
    expect(right !== false, `${name}: WebCrypto makes the same of the same bytes`);
  }
  return names.length > 0 ? undefined : notApplicable('no key claims a symmetric algorithm');
}

type TwinCheck = (operation: unknown, name: Algorithm, secret: Uint8Array) => Promise<boolean | undefined>;

/** Whether the key and its bytes in WebCrypto agree; undefined where WebCrypto has no opinion. */
const TWINS: Readonly<Record<string, TwinCheck>> = {
  async aead(operation, name, secret) {
    const sealed = await (operation as Aead).encrypt(MESSAGE, AAD);
    const opened = await twinOf(name, secret)?.open(sealed, AAD);
    return opened && sameBytes(opened, MESSAGE);
  },
  async wrap(operation, name, secret) {
    const wrapped = await (operation as KeyWrapper).wrap(CONTENT_KEY);
    const opened = await twinOf(name, secret)?.unwrap(wrapped);
    return opened && sameBytes(opened, CONTENT_KEY);
  },
  async mac(operation, name, secret) {
    const code = await twinOf(name, secret)?.mac(MESSAGE);
    return code && sameBytes(code, await (operation as Mac).mac(MESSAGE));
  },
};

function symmetricOf({
  keys,
}: ProviderSubject): readonly { readonly name: Algorithm; readonly bits: number }[] {
  return Object.keys(keys)
    .map((name) => algorithm(name))
    .flatMap(({ name, keyType, keyBits }) =>
      keyType === 'oct' && keyBits !== undefined ? [{ name, bits: keyBits }] : [],
    );
}

async function refusesHalves(subject: ProviderSubject): Promise<NotApplicable | undefined> {
  const provider = await subject.provider();
  if (provider.import === undefined) return notApplicable('the provider imports no keys');
  if (subject.keys.ES256 === undefined) return notApplicable('no key claims ES256');
  const [mine, other] = [await generateJwk(), await generateJwk()];
  const ref = parseKeyRef(unusedRef(subject));
  const jwk = JSON.stringify({ ...mine, d: other['d'] });
  const material = { material: new Secret(bytesOf(jwk)), algorithm: 'ES256' } as const;
  const act = (): unknown => provider.import?.(ref, material);
  await expectFailure('MALFORMED', 'importing halves of two keys', act);
  await expectFailure('KEY_NOT_FOUND', 'opening what was not imported', () => provider.open(ref));
  return undefined;
}
