/**
 * Clause 8: decryption and unwrapping have one failure, whatever was wrong.
 *
 * @module
 */
import { type Algorithm, algorithm } from '../core/algorithms.ts';
import { parseKeyRef } from '../core/key-ref.ts';
import type { Aead, KeyWrapper, Sealed } from '../core/operations.ts';
import { expect, expectFailure, notApplicable } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { AAD, bytesOf, CONTENT_KEY, flipped, MESSAGE, openClaims } from './trial.ts';

type Attempt = readonly [wrong: string, act: () => Promise<unknown>];

/** The cases of clause 8. */
export const concealmentCases: readonly ContractCase[] = [
  {
    clause: 8,
    name: 'decrypting fails alike for wrong data, tag, nonce, key and length',
    run: (subject) =>
      forEach(subject, 'aead', async (aead: Aead) => ciphertexts(aead, await aead.encrypt(MESSAGE, AAD))),
  },
  {
    clause: 8,
    name: 'unwrapping fails alike for wrong bytes, key and length',
    run: (subject) =>
      forEach(subject, 'wrap', async (wrapper: KeyWrapper) =>
        wrapped(wrapper, await wrapper.wrap(CONTENT_KEY)),
      ),
  },
];

function ciphertexts(aead: Aead, { nonce, ciphertext }: Sealed): readonly Attempt[] {
  const attempt = (wrong: string, sealed: Sealed, aad: Uint8Array): Attempt => [
    wrong,
    () => aead.decrypt(sealed, aad),
  ];
  const changed = (bytes: Uint8Array): Sealed => ({ nonce, ciphertext: bytes });
  return [
    attempt('other associated data', changed(ciphertext), bytesOf('other')),
    attempt('no associated data', changed(ciphertext), new Uint8Array()),
    attempt('a changed tag', changed(flipped(ciphertext, -1)), AAD),
    attempt('a changed ciphertext', changed(flipped(ciphertext)), AAD),
    attempt('a changed nonce', { nonce: flipped(nonce), ciphertext }, AAD),
    attempt('a nonce too short', { nonce: nonce.subarray(1), ciphertext }, AAD),
    attempt('another key', changed(random(ciphertext.length)), AAD),
    attempt('a byte less', changed(ciphertext.subarray(0, -1)), AAD),
    attempt('less than a tag', changed(ciphertext.subarray(0, 15)), AAD),
    attempt('nothing', changed(new Uint8Array()), AAD),
  ];
}

function wrapped(wrapper: KeyWrapper, bytes: Uint8Array): readonly Attempt[] {
  const attempt = (wrong: string, given: Uint8Array): Attempt => [wrong, () => wrapper.unwrap(given)];
  return [
    attempt('a changed end', flipped(bytes, -1)),
    attempt('a changed beginning', flipped(bytes, 1)),
    attempt('another key', random(bytes.length)),
    attempt('a byte less', bytes.subarray(0, -1)),
    attempt('a block less', bytes.subarray(0, -8)),
    attempt('nothing', new Uint8Array()),
  ];
}

/** What another key made looks like to this one: anything at all. */
function random(length: number): Uint8Array {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(length));
  // As a number below every modulus of that length, or it would not get as far as the padding.
  bytes[0] = 0;
  return bytes;
}

async function forEach<O extends Aead | KeyWrapper>(
  subject: ProviderSubject,
  kind: 'aead' | 'wrap',
  attemptsOf: (operation: O) => Promise<readonly Attempt[]>,
): Promise<{ readonly skipped: string } | undefined> {
  const provider = await subject.provider();
  const claims = (await openClaims(subject, provider)).filter(
    ({ name }) => algorithm(name).operation === kind,
  );
  for (const { name, ref } of claims) {
    const operation = (await provider.open(parseKeyRef(ref))).use(name) as Aead | KeyWrapper;
    await alike(name, await attemptsOf(operation as O));
  }
  return claims.length > 0 ? undefined : notApplicable(`no key claims to ${kind}`);
}

async function alike(name: Algorithm, attempts: readonly Attempt[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const [wrong, act] of attempts) {
    const failure = await expectFailure('DECRYPTION_FAILED', `${name} with ${wrong}`, act);
    seen.set(JSON.stringify(failure), wrong);
    expect(failure.cause === undefined, `${name} with ${wrong}: the failure keeps no cause`);
  }
  expect(
    seen.size === 1,
    `${name}: one failure for all, but they differ for ${[...seen.values()].join(', ')}`,
  );
}
