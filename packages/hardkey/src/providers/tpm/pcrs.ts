/**
 * Platform configuration registers, as people write them: `sha256:0,7`, several banks joined by `+`.
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import type { TpmHash } from '../../protocols/tpm/identifiers.ts';
import type { PcrSelection } from '../../protocols/tpm/structures.ts';

const BANKS: Readonly<Record<string, TpmHash>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** Part 2 §10.6.2: three bytes hold the 24 registers of a PC. */
const BITMAP = 3;

/** Reads a selection. Throws `ARGUMENT_INVALID` with `field`. */
export function parsePcrs(text: string, field: string): readonly PcrSelection[] {
  if (typeof text === 'string') {
    const selections = text.split('+').map(parseBank);
    const known = selections.filter((one) => one !== undefined);
    if (known.length === selections.length && new Set(known.map(({ hash }) => hash)).size === known.length) {
      return known;
    }
  }
  throw new Failure('ARGUMENT_INVALID', 'registers are a bank and numbers to 23, as sha256:0,7', { field });
}

function parseBank(text: string): PcrSelection | undefined {
  const [, bank = '', numbers = ''] = /^(sha\d+):(\d{1,2}(?:,\d{1,2})*)$/.exec(text) ?? [];
  const hash = BANKS[bank];
  const registers = numbers.split(',').map(Number);
  if (hash === undefined || registers.some((register) => register >= 8 * BITMAP)) return undefined;
  const select = new Uint8Array(BITMAP);
  for (const register of registers) {
    const at = register >>> 3;
    select[at] = (select[at] ?? 0) | (1 << (register & 7));
  }
  return { hash, select };
}
