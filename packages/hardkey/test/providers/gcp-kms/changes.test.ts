// Keys are changed by what the service says of them, and of no others.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Fault, GcpKms } from '@hardkey/emulators';
import { type KeyProvider, type KeyRef, parseKeyRef } from 'hardkey';
import { gcpKms } from 'hardkey/providers/gcp-kms';
import { failsWith } from '../../support/failures.ts';
import { gcpEmulator, PATIENT } from '../../support/gcp.ts';
import { unused } from './subject.ts';

let emulator: GcpKms;
let provider: Required<KeyProvider>;
after(() => provider.close());

async function made(): Promise<KeyRef> {
  emulator ??= await gcpEmulator();
  provider ??= gcpKms({ ...PATIENT, endpoint: `http://${emulator.address}` }) as Required<KeyProvider>;
  const ref = parseKeyRef(unused());
  await provider.create(ref, { algorithm: 'ES256' });
  return ref;
}

/** Changes a key while the answer to one of the calls is another one. */
async function changing(faults: readonly Fault[], change: () => Promise<unknown>): Promise<void> {
  emulator.faults.add(...faults);
  try {
    await change();
    assert.deepEqual(emulator.faults.waiting(), [], 'the faults happened');
  } finally {
    emulator.faults.clear();
  }
}

const nameOf = ({ body }: KeyRef): string => body.slice(2);
const versionOf = (ref: KeyRef): string => `${nameOf(ref)}/cryptoKeyVersions/1`;

test('labels of another key neither make a key ours nor are written to it', async () => {
  const [ref, other] = [await made(), await made()];
  const another = { method: 'GetCryptoKey', set: { name: nameOf(other), labels: { hardkey: 'x' } } };
  const pinned = parseKeyRef(`gcpkms://${versionOf(ref)}`);
  for (const faults of [[another], [{ method: 'GetCryptoKey' }, another]]) {
    await changing(faults, () =>
      assert.rejects(provider.setState(pinned, 'compromised'), failsWith('SIGNER_MISMATCH')),
    );
  }
  assert.equal((await provider.open(ref)).state, 'active');
});

test('versions of another key are not destroyed, whatever the list of versions says', async () => {
  const [ref, other] = [await made(), await made()];
  const cryptoKeyVersions = [ref, other].map((one) => ({ name: versionOf(one), state: 'ENABLED' }));
  const method = 'ListCryptoKeyVersions';
  await changing([{ method }, { method, set: { cryptoKeyVersions } }], () =>
    assert.rejects(provider.destroy(ref), failsWith('UNAVAILABLE')),
  );
  for (const one of [ref, other]) assert.equal((await provider.open(one)).state, 'active');
});

for (const [what, set, code] of [
  ['another state', { state: 'ENABLED' }, 'UNAVAILABLE'],
  ['another version', { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' }, 'SIGNER_MISMATCH'],
  ['no version', { name: '' }, 'UNAVAILABLE'],
] as const) {
  test(`a change that is answered with ${what} is ${code}`, async () => {
    const ref = await made();
    await changing([{ method: 'UpdateCryptoKeyVersion', set }], () =>
      assert.rejects(provider.setState(ref, 'suspended'), failsWith(code)),
    );
    await changing([{ method: 'DestroyCryptoKeyVersion', set }], () =>
      assert.rejects(provider.destroy(ref), failsWith(code)),
    );
  });
}
