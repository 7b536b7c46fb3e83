import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { type Algorithm, createKeys, type KeySpec } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { type FileConfig, file } from 'hardkey/providers/file';
import { contract } from '../../support/contract.ts';
import { passphrase, quickHalf, quickStore, scratch } from './support.ts';

const PASSPHRASE = 'correct-horse-7d1c';

const SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'Ed25519' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'RSA-OAEP-256', bits: 2048 },
  { algorithm: 'A256GCM' },
  { algorithm: 'A256KW' },
  { algorithm: 'A256KWP' },
  { algorithm: 'HS256' },
  { algorithm: 'ECDH-ES+A128KW', curve: 'X25519' },
];
// A key of each kind of file, no more: every one that is opened derives a key from the passphrase, and is
// one for which that is quick.
const FEW = SPECS.filter(({ algorithm }) => algorithm === 'ES256' || algorithm === 'A256GCM');

const labelOf = (name: Algorithm): string => name.replace('+', '.');

/** A store with a key for each specification, made once. */
async function template(specs: readonly KeySpec[], config: FileConfig): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-contract-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const store = join(folder, 'keys');
  if (config.passphrase !== undefined) await quickStore(store, PASSPHRASE);
  await using keys = createKeys([file({ ...config, store })]);
  for (const spec of specs) await keys.create(`file:${labelOf(spec.algorithm)}`, spec);
  if (config.passphrase !== undefined) await quickHalf(join(store, 'A256GCM.1.jwe'), PASSPHRASE);
  return store;
}

let names = 0;

/** Subjects with a copy of the store each. */
async function subjects(
  specs: readonly KeySpec[],
  config: FileConfig,
): Promise<(t: TestContext) => ProviderSubject> {
  const original = await template(specs, config);
  return (t) => {
    const store = scratch(t);
    cpSync(original, store, { recursive: true });
    // Files keep their mode in a copy, folders do not.
    chmodSync(store, 0o700);
    return {
      provider: () => file({ ...config, store }),
      keys: Object.fromEntries(specs.map(({ algorithm: name }) => [name, `file:${labelOf(name)}`])),
      missing: 'file:none',
      malformed: ['file:', 'file:a b', 'file:ES256?version=0', 'file:ES256?passphrase=x'],
      unused: () => `file:new-${++names}`,
      ...(config.passphrase === undefined
        ? {}
        : {
            rejected: () => file({ store, passphrase: passphrase('another') }),
            canaries: [PASSPHRASE],
          }),
    };
  };
}

const ALWAYS = {
  'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds':
    'the subject cannot take its backend away',
};

// Both before the first test is registered: the run ends when the tests there are have ended.
const open = await subjects(SPECS, { unencrypted: true });
const locked = await subjects(FEW, { passphrase: passphrase(PASSPHRASE) });

contract('a store without a passphrase', open, {
  notApplicable: {
    ...ALWAYS,
    'rejected credentials are DENIED': 'the subject has no credentials to reject',
  },
});

contract('a store with a passphrase', locked, {
  notApplicable: {
    ...ALWAYS,
    'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
    'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
    'both sides of an agreement have the same secret': 'no key claims to agree',
    'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
  },
});
