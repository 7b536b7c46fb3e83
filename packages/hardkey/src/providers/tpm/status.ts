/**
 * What a TPM is, and how near it is to locking everybody out.
 *
 * @module
 */
import { fromUtf8 } from '../../encoding/bytes.ts';
import { encodeTpm, u32 } from '../../protocols/tpm/codec.ts';
import { getCapability } from '../../protocols/tpm/commands/device.ts';
import { propertyIds } from '../../protocols/tpm/identifiers.ts';
import type { TpmClient } from './client.ts';

/** What a TPM says of itself. */
export interface TpmStatus {
  /** Four letters by which the TCG registers makers: `IFX`, `STM`, `INTC`; `IBM` is what swtpm says. */
  readonly manufacturer: string;
  readonly vendor: string;
  /** Major, minor and the rest, as the maker counts. */
  readonly firmware: string;
  /** Revision of the specification, as `1.59`. */
  readonly revision: string;
  /** Wrong authorization values and what follows from them (Part 1 §19.8). */
  readonly lockout: {
    readonly isLockedOut: boolean;
    /** Wrong values that count at this moment. */
    readonly tries: number;
    readonly maxTries: number;
    /** After so many seconds one of them is forgotten; zero: never. */
    readonly recoverySeconds: number;
  };
}

/** Part 2 §8.6, TPMA_PERMANENT. */
const IN_LOCKOUT = 1 << 9;

/** Asks a TPM what it is. */
export async function readStatus(client: TpmClient): Promise<TpmStatus> {
  const fixed = await propertiesFrom(client, propertyIds.family);
  const changing = await propertiesFrom(client, propertyIds.permanentFlags);
  const fixedOf = (name: keyof typeof propertyIds): number => fixed.get(propertyIds[name]) ?? 0;
  const firmware = [fixedOf('firmware1'), fixedOf('firmware2')].flatMap((word) => [
    word >>> 16,
    word & 0xffff,
  ]);
  return {
    manufacturer: letters(fixedOf('manufacturer')),
    vendor: (['vendor1', 'vendor2', 'vendor3', 'vendor4'] as const)
      .map((name) => letters(fixedOf(name)))
      .join(''),
    firmware: firmware.join('.'),
    revision: (fixedOf('revision') / 100).toFixed(2),
    lockout: lockoutOf(changing),
  };
}

/** How near the TPM is to locking everybody out. */
export async function readLockout(client: TpmClient): Promise<TpmStatus['lockout']> {
  return lockoutOf(await propertiesFrom(client, propertyIds.permanentFlags));
}

function lockoutOf(properties: ReadonlyMap<number, number>): TpmStatus['lockout'] {
  const of = (name: keyof typeof propertyIds): number => properties.get(propertyIds[name]) ?? 0;
  return {
    isLockedOut: (of('permanentFlags') & IN_LOCKOUT) !== 0,
    tries: of('lockoutCounter'),
    maxTries: of('maxAuthFail'),
    recoverySeconds: of('lockoutInterval'),
  };
}

/** The properties of one group (Part 2 §6.13): they have consecutive numbers. */
async function propertiesFrom(client: TpmClient, property: number): Promise<ReadonlyMap<number, number>> {
  const request = { capability: 'properties', property, propertyCount: 64 } as const;
  const { response } = await client.execute(getCapability, request);
  const { capabilityData: data } = response;
  const found = data.capability === 'properties' ? data.properties : [];
  return new Map(found.map((one) => [one.property, one.value]));
}

/** Four characters in a number, without what fills them up. */
function letters(word: number): string {
  return fromUtf8(
    encodeTpm(u32, word).map((byte) => (byte > 0x7e ? 0x3f : byte)),
    'tpm.properties',
  )
    .replaceAll(/[^ -~]/g, '')
    .trim();
}
