// A sandbox with an issuer's key, its public half, and an identity.
import assert from 'node:assert/strict';
import { sandbox } from './sandbox.ts';

export const IDENTITY = {
  id: '3918592438',
  fullName: 'Janardhan BS',
  dateOfBirth: '19840418',
  photo: 'AAEC',
  photoFormat: 4,
};
export const ISSUER = 'https://id.example.org';
export const ENCODE = ['claim169', 'encode', 'identity.json', '--key', 'issuer', '--issuer', ISSUER];
export const PLAIN = ['claim169', 'encode', '{"id":"1"}', '--key', 'issuer', '--issuer', ISSUER];
export const DECODE = ['claim169', 'decode'];
export const TRUST = ['--trust', 'issuer.pem'];

/** Makes the sandbox. `encoded` is the text of a credential, without the line end after it. */
export function issuerSandbox() {
  const box = sandbox();
  const issuer = box.generate('Ed25519', 'issuer');
  box.write('issuer.pem', issuer.publicKeyPem ?? '');
  box.write('identity.json', `${JSON.stringify(IDENTITY)}\n`);
  function encoded(...more: readonly string[]): string {
    const { status, stdout } = box.run([...ENCODE, ...more]);
    assert.equal(status, 0);
    return stdout.slice(0, -1);
  }
  /** The options of the issuer's key behind a program that is not there. */
  function absentSigner(): readonly string[] {
    const program = { mode: 'once', command: ['/no/such/program'], stdin: 'raw', output: 'raw' };
    const hsm = { ...program, algorithm: 'Ed25519', publicKey: issuer.publicKeyPem };
    box.write('absent.json', JSON.stringify({ exec: { hsm } }));
    return ['--key', 'exec:hsm', '--config', 'absent.json'];
  }
  return { ...box, issuer, encoded, absentSigner };
}
