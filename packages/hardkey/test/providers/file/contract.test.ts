import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { file } from 'hardkey/providers/file';
import { algorithms } from '../../../src/core/algorithms.ts';
import { parseKeyRef } from '../../../src/core/key-ref.ts';
import { contract } from '../../support/contract.ts';

// The keys are made once; every case has a copy of the store.
const folder = mkdtempSync(join(tmpdir(), 'hardkey-contract-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const template = join(folder, 'template');
const keys: Record<string, string> = {};
const maker = file({ store: template, unencrypted: true });
for (const { name, keyType } of algorithms.filter((row) => row.name !== 'service')) {
  keys[name] = `file:${name.replaceAll('+', '.')}`;
  await maker.create?.(parseKeyRef(keys[name]), {
    algorithm: name,
    ...(keyType === 'RSA' ? { bits: 2048 } : {}),
  });
}
await maker.close();

let copies = 0;
let names = 0;

contract(
  'file',
  (t) => {
    const store = join(folder, `copy-${++copies}`);
    cpSync(template, store, { recursive: true });
    chmodSync(store, 0o700);
    t.after(() => rmSync(store, { recursive: true, force: true }));
    return {
      provider: () => file({ store, unencrypted: true }),
      keys,
      missing: 'file:none',
      malformed: ['file:', 'file:a b', 'file:a?version=0', 'file:a?pin=1'],
      unused: () => `file:unused-${++names}`,
    };
  },
  {
    notApplicable: {
      'rejected credentials are DENIED': 'the subject has no credentials to reject',
      'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds':
        'the subject cannot take its backend away',
    },
  },
);
