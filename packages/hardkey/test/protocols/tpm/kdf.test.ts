import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { hashIds, type TpmHash } from '../../../src/protocols/tpm/identifiers.ts';
import { kdfa, kdfe } from '../../../src/protocols/tpm/kdf.ts';
import { nodeCrypto } from '../../../src/providers/tpm/crypto.ts';

interface Vector {
  readonly Name: string;
  readonly HashAlg: number;
  readonly Key?: string;
  readonly Z?: string;
  readonly Label: string;
  readonly ContextU: string;
  readonly ContextV: string;
  readonly Bits: number;
  readonly Result: string;
}

const folder = vectors('provenance/tpm/go-tpm');
const names = new Map<number, TpmHash>(Object.entries(hashIds).map(([name, id]) => [id, name as TpmHash]));
const hex = (text = ''): Uint8Array => Buffer.from(text, 'hex');

for (const [file, derive] of [
  ['kdfa.json', kdfa],
  ['kdfe.json', kdfe],
] as const) {
  test(`${file}: all of go-tpm's`, { skip: folder.missing ?? false }, () => {
    const all = JSON.parse(readFileSync(join(folder.path, file), 'utf8')) as readonly Vector[];
    assert.equal(all.length, 100);
    for (const { Name, HashAlg, Key, Z, Label, ContextU, ContextV, Bits, Result } of all) {
      const hash = names.get(HashAlg);
      assert.ok(hash !== undefined, Name);
      const input = { hash, label: Label, contextU: hex(ContextU), contextV: hex(ContextV), bits: Bits };
      assert.equal(Buffer.from(derive(nodeCrypto, hex(Key ?? Z), input)).toString('hex'), Result, Name);
    }
  });
}
