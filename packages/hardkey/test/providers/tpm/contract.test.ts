import type { TestContext } from 'node:test';
import type { ProviderSubject } from 'hardkey/conformance';
import { tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { contract, neverChanges } from '../../support/contract.ts';
import { ALGORITHMS, relayTo, secretOf, tpmWithKeys } from './support.ts';

const PIN = 'pin-of-the-keys-5c0e';

const ABSENT = {
  'what is encrypted decrypts, with a nonce of its own each time': 'no key claims to aead',
  'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED': 'no key claims to mac',
  'decrypting fails alike for wrong data, tag, nonce, key and length': 'no key claims to aead',
  'an imported key does what its bytes say': 'the provider imports no keys',
  'an imported key whose halves do not belong together is MALFORMED': 'the provider imports no keys',
  ...neverChanges,
};

async function subject(t: TestContext, kind: 'handle' | 'file'): Promise<ProviderSubject> {
  const { swtpm, folder, places } = await tpmWithKeys(t, kind, PIN);
  const relay = await relayTo(t, swtpm.device);
  const config = { device: relay.device, ...(kind === 'file' ? { folder } : {}) };
  let next = 0x81000200;
  return {
    provider: () => tpm({ ...config, auth: secretOf(PIN) }),
    rejected: () => tpm({ ...config, auth: secretOf('another') }),
    keys: Object.fromEntries(ALGORITHMS.map((name, at) => [name, `tpm:${places(at)}`])),
    missing: kind === 'handle' ? 'tpm:handle=0x81000199' : `tpm:file=${folder}/none.pem`,
    malformed: [
      'tpm:',
      'tpm:handle=81000100',
      'tpm:handle=0x81000100;file=a.pem',
      'tpm:handle=0x81000100?device=usb:1',
      'tpm:handle=0x81000100?slot=1',
      `tpm:?device=${relay.device}`,
    ],
    unused: () =>
      kind === 'handle' ? `tpm:handle=0x${(next++).toString(16)}` : `tpm:file=${folder}/${next++}.pem`,
    requests: relay.commands,
    outage: { begin: () => swtpm.kill(), end: () => swtpm.start() },
    stall: { begin: () => swtpm.stop(), end: () => swtpm.resume() },
    canaries: [PIN],
  };
}

const options = { skip: component('swtpm').missing, notApplicable: ABSENT };
contract('keys at handles of a TPM', (t: TestContext) => subject(t, 'handle'), options);
contract('keys in files of a TPM', (t: TestContext) => subject(t, 'file'), options);
