// The roles in deploy/gcp, held by somebody who has nothing else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KeyWrapper, Signer } from 'hardkey';
import { type KeyProvider, parseKeyRef } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { METHODS } from '../../../../emulators/src/gcp/methods.ts';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, RING } from '../../support/gcp.ts';
import { sharedKey, unused } from './subject.ts';

const ROLES = join(import.meta.dirname, '../../../../../deploy/gcp');
const EVERY = new Set(Object.values(METHODS).map(({ permission }) => `cloudkms.${permission}`));
const MESSAGE = new TextEncoder().encode('message');

function permissionsOf(role: string): readonly string[] {
  const text = readFileSync(join(ROLES, `${role}.yaml`), 'utf8');
  return [...text.matchAll(/^ {2}- (cloudkms\.\S+)$/gm)].map(([, permission = '']) => permission);
}

/** Runs `act` as a principal that has these permissions. */
async function as(
  permissions: readonly string[],
  act: (provider: KeyProvider) => Promise<void>,
): Promise<void> {
  const emulator = await gcpEmulator();
  const provider = gcpKms({ endpoint: `http://${emulator.address}`, keyRing: RING });
  for (const permission of EVERY) {
    if (!permissions.includes(permission)) emulator.permissions.deny({ permission });
  }
  try {
    await act(provider);
  } finally {
    emulator.permissions.allowAll();
    await provider.close();
  }
}

const wrapAndUnwrap = async (provider: KeyProvider): Promise<void> => {
  for (const algorithm of ['service', 'RSA-OAEP-256'] as const) {
    const ref = await sharedKey(algorithm);
    const wrapper = (await provider.open(parseKeyRef(ref))).use(algorithm) as KeyWrapper;
    await wrapper.unwrap(await wrapper.wrap(MESSAGE));
    await provider.open(parseKeyRef(`${ref}/cryptoKeyVersions/1`));
    await provider.check?.(parseKeyRef(ref));
  }
};

const JOBS: Readonly<Record<string, (provider: KeyProvider) => Promise<void>>> = {
  async sign(provider) {
    const ref = await sharedKey('ES256');
    await ((await provider.open(parseKeyRef(ref))).use('ES256') as Signer).sign(MESSAGE);
    await provider.check?.(parseKeyRef(ref));
  },
  wrap: wrapAndUnwrap,
  async manage(provider) {
    const ref = parseKeyRef(unused());
    await provider.create?.(ref, { algorithm: 'ES256' });
    await provider.rotate?.(ref);
    await provider.setState?.(ref, 'suspended');
    await provider.setState?.(ref, 'active');
    for await (const _ of provider.list?.() ?? []);
    await provider.destroy?.(ref);
  },
};

// Keys for the jobs, before anything is denied.
test.before(async () => {
  for (const algorithm of ['ES256', 'service', 'RSA-OAEP-256'] as const) await sharedKey(algorithm);
});

for (const [role, job] of Object.entries(JOBS)) {
  test(`the role ${role} is enough for its job, and every permission in it is one of Cloud KMS`, async () => {
    const permissions = permissionsOf(role);
    assert.deepEqual(
      permissions.filter((one) => !EVERY.has(one)),
      [],
    );
    await as(permissions, job);
  });
}

test('without any of its permissions the job of a role is DENIED', async () => {
  // Whoever names a version may have its public half without being told anything else.
  const optional = ['cloudkms.cryptoKeyVersions.get'];
  for (const [role, job] of Object.entries(JOBS)) {
    const permissions = permissionsOf(role);
    for (const left of permissions.filter((one) => !optional.includes(one))) {
      const others = permissions.filter((one) => one !== left);
      await assert.rejects(as(others, job), failsWith('DENIED'), `${role} without ${left}`);
    }
  }
});

test('who manages keys may not use them, and who uses them may not change them', () => {
  assert.deepEqual(
    permissionsOf('manage').filter((one) => one.includes('useTo')),
    [],
  );
  for (const role of ['sign', 'wrap']) {
    const changes = permissionsOf(role).filter((one) => /create|update|destroy/.test(one));
    assert.deepEqual(changes, []);
  }
});
