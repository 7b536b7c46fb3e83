import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { type Algorithm, type KeySpec, parseKeyRef, Secret } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { contract } from '../../support/contract.ts';
import { forwarder, missingForTokens, PIN, softToken, type TestToken } from './support.ts';

const ROTATES = {
  'after a rotation the new version signs, and the old one verifies and does not sign':
    'the provider rotates no keys',
  'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
    'the provider rotates no keys',
  'a suspended or compromised key is DENIED, until it is active again': 'the provider changes no states',
  'a compromised key still decrypts, and a suspended one does not': 'the provider changes no states',
};

let names = 0;

/** Keys for these algorithms on the token, made by the provider itself. */
async function keysOn(token: TestToken, specs: readonly KeySpec[]): Promise<ProviderSubject['keys']> {
  const provider = token.provider();
  const keys: Partial<Record<Algorithm, string>> = {};
  for (const spec of specs) {
    const ref = token.ref(spec.algorithm.replace('+', '.'));
    await provider.create?.(parseKeyRef(ref), spec);
    keys[spec.algorithm] = ref;
  }
  await provider.close();
  return keys;
}

function subject(token: TestToken, keys: ProviderSubject['keys']): ProviderSubject {
  return {
    provider: () => token.provider(),
    rejected: () => token.provider({ pin: async () => new Secret(Buffer.from('wrong')) }),
    keys,
    missing: token.ref('none'),
    malformed: [
      'pkcs11:',
      'pkcs11:token',
      'pkcs11:token=a;slot-id=1;object=b?module-name=m',
      'pkcs11:token=a;object=b?pin-value=1',
    ],
    unused: () => token.ref(`new-${++names}`),
    outage: token.outage,
    canaries: [PIN],
  };
}

const SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'ES512' },
  { algorithm: 'ES256K' },
  { algorithm: 'Ed25519' },
  { algorithm: 'Ed448' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS256', bits: 2048 },
  { algorithm: 'A128GCM' },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'A256KW' },
  { algorithm: 'HS256' },
  { algorithm: 'HS512' },
  { algorithm: 'ECDH-ES+A128KW', curve: 'P-384' },
];

/** A token with all the keys, made once and copied for each case. */
let model: { readonly folder: string; readonly keys: ProviderSubject['keys'] } | undefined;

after(() => model && rmSync(model.folder, { recursive: true }));

contract(
  'SoftHSM2',
  async (t: TestContext) => {
    const through = forwarder(t);
    const token = softToken(t, { through, copyOf: model?.folder });
    if (model === undefined) {
      const keys = await keysOn(token, SPECS);
      const folder = mkdtempSync(join(tmpdir(), 'hardkey-pkcs11-model-'));
      cpSync(token.folder, folder, { recursive: true });
      model = { folder, keys };
    }
    return { ...subject(token, model.keys), requests: () => through.calls() };
  },
  { skip: missingForTokens('softhsm2', 'cc'), notApplicable: ROTATES },
);
