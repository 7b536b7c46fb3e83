import { generateKeyPairSync } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Algorithm, createKeys, type KeySpec, Secret } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { keyring } from 'hardkey/providers/keyring';
import { contract, neverChanges } from '../../support/contract.ts';
import { password } from '../../support/gnome-keyring.ts';
import { session, skip } from './support.ts';

const SPECS: readonly KeySpec[] = [
  { algorithm: 'ES256' },
  { algorithm: 'Ed25519' },
  { algorithm: 'ES384' },
  { algorithm: 'PS256', bits: 2048 },
  { algorithm: 'RSA-OAEP-256', bits: 2048 },
  { algorithm: 'A256GCM' },
  { algorithm: 'A128KW' },
  { algorithm: 'HS256' },
  { algorithm: 'ECDH-ES+A128KW', curve: 'X25519' },
];

const refOf = (account: string): string => `keyring:service=hardkey;account=${account.replace('+', '.')}`;

/** A key whose private half is known, so that it can be looked for: as its text has it, and as a number. */
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const [, line = ''] = pkcs8.split('\n');
const { d: number = '' } = privateKey.export({ format: 'jwk' });

if (session !== undefined) {
  await using keys = createKeys([keyring()]);
  for (const spec of SPECS.slice(1)) await keys.create(refOf(spec.algorithm), spec);
  const material = new Secret(Buffer.from(pkcs8));
  await keys.import(refOf('ES256'), { material, algorithm: 'ES256' });
}

let names = 0;

function subject(t: TestContext): ProviderSubject {
  const restart = async (): Promise<void> => session?.start(password);
  return {
    provider: () => keyring(),
    keys: Object.fromEntries(SPECS.map(({ algorithm: name }): [Algorithm, string] => [name, refOf(name)])),
    missing: refOf('none'),
    malformed: [
      'keyring:',
      'keyring:service=hardkey',
      'keyring:account=a',
      'keyring:service=;account=a',
      'keyring:service=hardkey;account=a?password=x',
      'keyring:service=hardkey%20%28public%20keys%29;account=a',
    ],
    unused: () => refOf(`new-${++names}`),
    outage: { begin: async () => session?.stop(), end: restart },
    rejected() {
      t.after(restart);
      session?.lock();
      return keyring();
    },
    canaries: [password, line, number],
  };
}

contract('a keyring', subject, {
  skip: skip === false ? undefined : skip,
  notApplicable: neverChanges,
});
