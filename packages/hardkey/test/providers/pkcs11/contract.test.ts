import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { type Algorithm, type KeySpec, parseKeyRef, Secret } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { contract } from '../../support/contract.ts';
import {
  type Forwarder,
  forwarder,
  missingForTokens,
  nssToken,
  PIN,
  remoteToken,
  softToken,
  type TestToken,
  tpmToken,
  workersOf,
} from './support.ts';

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

function signalAll(signal: NodeJS.Signals): void {
  for (const worker of workersOf()) process.kill(worker, signal);
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
    // Stopped, a worker takes what is written to it and answers nothing.
    stall: { begin: () => signalAll('SIGSTOP'), end: () => signalAll('SIGCONT') },
    canaries: [PIN],
  };
}

const SOFT_SPECS: readonly KeySpec[] = [
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

/** No Edwards curves, and OAEP with SHA-256. */
const NSS_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'ES512' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS512', bits: 2048 },
  { algorithm: 'RSA-OAEP-256', bits: 2048 },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'A256KW' },
  { algorithm: 'HS256' },
  { algorithm: 'HS384' },
  { algorithm: 'ECDH-ES+A256KW', curve: 'P-521' },
];

/** What its wire format can carry: no mechanism with parameters it does not know. */
const REMOTE_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'RS256', bits: 2048 },
  { algorithm: 'PS256', bits: 2048 },
  { algorithm: 'HS256' },
];

/** What the TPM has under this library: no key wrapping, no GCM, no agreement. */
const TPM_SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'ES384' },
  { algorithm: 'RS256', bits: 2048 },
];

/** Makes a token with all its keys once, and copies it for each case. */
function copied(
  make: (t: TestContext, copyOf: string | undefined) => TestToken | Promise<TestToken>,
  specs: readonly KeySpec[],
): (t: TestContext) => Promise<{ readonly token: TestToken; readonly keys: ProviderSubject['keys'] }> {
  let model: { readonly folder: string; readonly keys: ProviderSubject['keys'] } | undefined;
  after(() => model && rmSync(model.folder, { recursive: true }));
  return async (t) => {
    const token = await make(t, model?.folder);
    if (model !== undefined) return { token, keys: model.keys };
    const keys = await keysOn(token, specs);
    const folder = mkdtempSync(join(tmpdir(), 'hardkey-pkcs11-model-'));
    cpSync(token.folder, folder, { recursive: true });
    model = { folder, keys };
    return { token, keys };
  };
}

let through: Forwarder | undefined;
const softTokens = copied((t, copyOf) => {
  through = forwarder(t);
  return softToken(t, { through, copyOf });
}, SOFT_SPECS);

contract(
  'SoftHSM2',
  async (t) => {
    const { token, keys } = await softTokens(t);
    return { ...subject(token, keys), requests: () => through?.calls() ?? 0 };
  },
  { skip: missingForTokens('softhsm2', 'cc'), notApplicable: ROTATES },
);

const nssTokens = copied(nssToken, NSS_SPECS);

contract(
  'NSS',
  async (t) => {
    const { token, keys } = await nssTokens(t);
    return subject(token, keys);
  },
  { skip: missingForTokens('nss'), notApplicable: ROTATES },
);

const remoteTokens = copied(remoteToken, REMOTE_SPECS);

contract(
  'p11-kit remoting',
  async (t) => {
    const { token, keys } = await remoteTokens(t);
    return subject(token, keys);
  },
  {
    skip: missingForTokens('softhsm2', 'p11-kit'),
    notApplicable: {
      ...ROTATES,
      'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
      'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
      'both sides of an agreement have the same secret': 'no key claims to agree',
      'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
      'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
    },
  },
);

const tpmTokens = copied(tpmToken, TPM_SPECS);

contract(
  'tpm2-pkcs11',
  async (t) => {
    const { token, keys } = await tpmTokens(t);
    return subject(token, keys);
  },
  {
    skip: missingForTokens('tpm2-pkcs11', 'swtpm', 'tpm2-abrmd', 'pkcs11-tool'),
    notApplicable: {
      ...ROTATES,
      'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
      'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
      'an imported key does what its bytes say': 'no key claims a symmetric algorithm',
      'both sides of an agreement have the same secret': 'no key claims to agree',
      'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
      'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
    },
  },
);
