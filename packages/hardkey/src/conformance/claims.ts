/**
 * Clauses 4 and 5: what a key claims it does, rightly; what it does not claim it refuses.
 *
 * @module
 */
import { type Algorithm, algorithm, algorithms, type OperationKind } from '../core/algorithms.ts';
import type { Key } from '../core/key.ts';
import type { Aead, KeyAgreement, KeyWrapper, Mac, Signer } from '../core/operations.ts';
import { verify } from '../core/verify.ts';
import { checkDigestSigner } from './digests.ts';
import { expect, expectFailure, notApplicable, sameBytes } from './expect.ts';
import type { ContractCase, ProviderSubject } from './subject.ts';
import { AAD, CONTENT_KEY, flipped, MESSAGE, openClaims, publicKeyOf, reimport } from './trial.ts';
import { peerOf, wrapTo } from './witness.ts';

type Check = (key: Key, name: Algorithm, again: Key) => Promise<void>;

/** The cases of clauses 4 and 5. */
export const claimCases: readonly ContractCase[] = [
  ofKind(
    'sign',
    'every signature verifies outside the provider and is as long as its algorithm says',
    checkSigner,
  ),
  ofKind('sign', 'a digest is signed as its message is, or digests are UNSUPPORTED', checkDigestSigner),
  ofKind('aead', 'what is encrypted decrypts, with a nonce of its own each time', checkAead),
  ofKind('wrap', 'what is wrapped unwraps, also when somebody else wrapped it', checkWrapper),
  ofKind('mac', 'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED', checkMac),
  ofKind('agree', 'both sides of an agreement have the same secret', checkAgreement),
  {
    clause: 5,
    name: 'a key claims what its subject says, and refuses the rest as UNSUPPORTED without a request',
    run: claimsAndRefuses,
  },
];

/** A case that examines every algorithm of a kind that some key claims, whether the subject names it or not. */
function ofKind(kind: OperationKind, name: string, check: Check): ContractCase {
  return {
    clause: 4,
    name,
    async run(subject) {
      const opened = await openClaims(subject, await subject.provider());
      const again = await openClaims(subject, await subject.provider());
      const seen = new Set<string>();
      for (const [at, { key }] of opened.entries()) {
        for (const claimed of key.algorithms) {
          const what = `${String(key.ref)} ${claimed}`;
          if (algorithm(claimed).operation !== kind || seen.has(what)) continue;
          seen.add(what);
          await check(key, claimed, again[at]?.key ?? key);
        }
      }
      return seen.size > 0 ? undefined : notApplicable(`no key claims to ${kind}`);
    },
  };
}

async function checkSigner(key: Key, name: Algorithm): Promise<void> {
  const signer = key.use(name) as Signer;
  const publicKey = publicKeyOf(key);
  const signature = await signer.sign(MESSAGE);
  const length = algorithm(name).signatureLength ?? Math.ceil((publicKey.bits ?? 0) / 8);
  expect(signature.length === length, `${name}: a signature has ${length} bytes, not ${signature.length}`);
  expect(signer.algorithm === name, `${name}: the signer says which algorithm it is bound to`);
  expect(
    signer.publicKey.fingerprint === publicKey.fingerprint,
    `${name}: the signer shows the key's public key`,
  );
  await verify(await reimport(publicKey), signer.algorithm, MESSAGE, signature);
}

async function checkAead(key: Key, name: Algorithm, again: Key): Promise<void> {
  const aead = key.use(name) as Aead;
  const first = await aead.encrypt(MESSAGE, AAD);
  const second = await aead.encrypt(MESSAGE, AAD);
  expect(first.nonce.length === 12, `${name}: a nonce has 12 bytes`);
  expect(first.ciphertext.length === MESSAGE.length + 16, `${name}: a ciphertext is 16 bytes longer`);
  expect(!sameBytes(first.nonce, second.nonce), `${name}: every nonce is another`);
  const opened = await (again.use(name) as Aead).decrypt(first, AAD);
  expect(sameBytes(opened, MESSAGE), `${name}: another provider over the same backend decrypts it`);
}

async function checkWrapper(key: Key, name: Algorithm, again: Key): Promise<void> {
  const wrapper = again.use(name) as KeyWrapper;
  const own = await (key.use(name) as KeyWrapper).wrap(CONTENT_KEY);
  expect(!sameBytes(own, CONTENT_KEY), `${name}: a wrapped key is not the key`);
  expect(sameBytes(await wrapper.unwrap(own), CONTENT_KEY), `${name}: another provider unwraps it`);
  const drawn = await (key.use(name) as KeyWrapper).generateKey?.(CONTENT_KEY.length);
  if (drawn !== undefined) {
    expect(!sameBytes(drawn.contentKey, CONTENT_KEY), `${name}: a key that is drawn is another one`);
    expect(
      sameBytes(await wrapper.unwrap(drawn.wrapped), drawn.contentKey),
      `${name}: what was drawn unwraps`,
    );
  }
  if (algorithm(name).keyType !== 'RSA') return;
  const theirs = await wrapTo(await reimport(publicKeyOf(key)), CONTENT_KEY);
  expect(sameBytes(await wrapper.unwrap(theirs), CONTENT_KEY), `${name}: what WebCrypto wrapped unwraps`);
}

async function checkMac(key: Key, name: Algorithm, again: Key): Promise<void> {
  const mac = key.use(name) as Mac;
  const code = await mac.mac(MESSAGE);
  const length = Number((algorithm(name).hash ?? '').slice(4)) / 8;
  expect(code.length === length, `${name}: a code has ${length} bytes, not ${code.length}`);
  await (again.use(name) as Mac).verifyMac(MESSAGE, code);
  for (const wrong of [flipped(code), flipped(code, -1), code.subarray(1)]) {
    await expectFailure('VERIFICATION_FAILED', `${name} of a wrong code`, () =>
      mac.verifyMac(MESSAGE, wrong),
    );
  }
  const other = flipped(MESSAGE);
  await expectFailure('VERIFICATION_FAILED', `${name} of another message`, () => mac.verifyMac(other, code));
}

async function checkAgreement(key: Key, name: Algorithm): Promise<void> {
  const agreement = key.use(name) as KeyAgreement;
  const publicKey = await reimport(publicKeyOf(key));
  const peer = await peerOf(publicKey.curve);
  const mine = await agreement.agree(peer.publicKey);
  expect(sameBytes(mine, await peer.secretWith(publicKey)), `${name}: WebCrypto has the same secret`);
}

async function claimsAndRefuses(subject: ProviderSubject): Promise<void> {
  const claims = await openClaims(subject, await subject.provider());
  const before = subject.requests?.();
  for (const { name: named, key } of claims) {
    expect(key.algorithms.includes(named), `the key claims ${named}`);
    for (const { name } of algorithms) {
      if (key.algorithms.includes(name)) continue;
      await expectFailure('UNSUPPORTED', `${String(key.ref)} with ${name}`, () => key.use(name));
    }
  }
  expect(subject.requests?.() === before, 'no request was sent for an algorithm that is not claimed');
}
