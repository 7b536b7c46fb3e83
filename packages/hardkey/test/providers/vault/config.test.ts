import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type VaultConfig, vault } from 'hardkey/providers/vault';
import { failsWith } from '../../support/failures.ts';
import { secret } from './support.ts';

const token = secret('s.x');
const address = 'https://vault.example.org:8200';

const WRONG: readonly (readonly [field: string, config: object])[] = [
  ['vault.address', { address: 'vault.example.org', token }],
  ['vault.address', { address: 'ftp://vault.example.org', token }],
  ['vault.address', { address: 'https://user:pass@vault.example.org', token }],
  ['vault.address', { address: 'https://vault.example.org/?a=b', token }],
  ['vault.address', { address: 'http://vault.example.org:8200', token }],
  ['vault.address', { token }],
  ['vault.token', { address }],
  ['vault.token', { address, token, wrappedToken: token }],
  ['vault.token', { address, token: 's.text' }],
  ['vault.appRole.roleId', { address, appRole: { secretId: token } }],
  ['vault.appRole.secretId', { address, appRole: { roleId: 'r', secretId: 's' } }],
  ['vault.appRole.role', { address, appRole: { roleId: 'r', secretId: token, role: 'x' } }],
  ['vault.appRole.mount', { address, appRole: { roleId: 'r', secretId: token, mount: '../x' } }],
  ['vault.namespace', { address, token, namespace: 'a\nb' }],
  ['vault.mount', { address, token, mount: 'a/../b' }],
  ['vault.ca', { address, token, ca: '/etc/ca.pem' }],
  ['vault.plaintext', { address: 'http://vault.mesh:8200', token, plaintext: 'false' }],
  ['vault.appRole.wrapped', { address, appRole: { roleId: 'r', secretId: token, wrapped: 'false' } }],
  ['vault.scheme', { address, token, scheme: 'awskms' }],
  ['hashivault', { address, token, key: 'a b' }],
  ['vault.timeoutMs', { address, token, timeoutMs: 0 }],
  ['vault.adress', { adress: address, address, token }],
];

for (const [field, config] of WRONG) {
  test(`refused: ${field} of ${Object.keys(config).join(', ')}`, () => {
    assert.throws(
      () => vault(config as VaultConfig),
      (error: { readonly details?: { readonly field?: string } }) => {
        failsWith('ARGUMENT_INVALID')(error);
        return error.details?.field === field || field === 'hashivault';
      },
    );
  });
}

test('tokens go without TLS to this machine, and elsewhere only when it is said', () => {
  for (const local of ['http://127.0.0.1:8200', 'http://localhost:8200', 'http://[::1]:8200']) {
    vault({ address: local, token });
  }
  vault({ address: 'http://vault.mesh:8200', token, plaintext: true });
});
