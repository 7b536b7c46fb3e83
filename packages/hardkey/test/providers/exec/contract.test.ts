import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { exec } from 'hardkey/providers/exec';
import { contract } from '../../support/contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'hardkey-contract-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'key.pem');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
const signer = join(import.meta.dirname, '../../../../../examples/signers/node-signer.mjs');

contract(
  'exec',
  () => ({
    provider: () =>
      exec({
        signers: {
          issuer: {
            mode: 'persistent',
            command: [process.execPath, signer, 'issuer', path],
            algorithm: 'ES256',
            publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
            timeoutMs: 20_000,
          },
        },
      }),
    keys: { ES256: 'exec:issuer' },
    missing: 'exec:none',
    malformed: ['exec:', 'exec:a b', 'exec:issuer?x=1'],
  }),
  {
    notApplicable: {
      'rejected credentials are DENIED': 'the subject has no credentials to reject',
      'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds':
        'the subject cannot take its backend away',
      'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
      'what is wrapped unwraps, also when somebody else wrapped it': 'no key claims to wrap',
      'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
      'both sides of an agreement have the same secret': 'no key claims to agree',
      'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
      'unwrapping fails alike for wrong bytes, key and length': 'no key claims to wrap',
      'a key that was created opens, and creating it again is KEY_EXISTS': 'the provider creates no keys',
      'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again':
        'the provider destroys no keys',
      'an imported key does what its bytes say': 'the provider imports no keys',
      'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
      'after a rotation the new version signs, and the old one verifies and does not sign':
        'the provider rotates no keys',
      'after a rotation the new version encrypts, and the old one decrypts and does not encrypt':
        'the provider rotates no keys',
      'a suspended or compromised key is DENIED, until it is active again': 'the provider changes no states',
      'a compromised key still decrypts, and a suspended one does not': 'the provider changes no states',
    },
  },
);
