// Identities and claims in the names of the Python package, and back.
import type { Biometric, Identity, Meta } from 'hardkey/formats/claim169';
import { decodeHex, encodeHex } from '../../../../src/encoding/hex.ts';

/** JSON as the package's side reads and writes it. */
export type Named = Readonly<Record<string, unknown>>;

/** An identity or claims: names with underscores, bytes in hexadecimal. */
export function toNames(value: Identity | Meta | Biometric): Named {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [underscored(name), named(one)]));
}

/** An identity in our names. */
export function fromNames(value: Named): Identity {
  const entries = Object.entries(value).map(([name, one]) => {
    if (name === 'photo') return ['photo', decodeHex(String(one))];
    const isSamples = Array.isArray(one) && one.every((sample) => typeof sample === 'object');
    return [camel(name), isSamples ? one.map(sampleFrom) : one];
  });
  return Object.fromEntries(entries) as Identity;
}

function sampleFrom({ data, ...rest }: Named): Named {
  return {
    data: decodeHex(String(data)),
    ...Object.fromEntries(Object.entries(rest).map(([name, one]) => [camel(name), one])),
  };
}

function named(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value);
  if (!Array.isArray(value)) return value;
  return value.map((one: unknown) =>
    typeof one === 'object' && one !== null ? toNames(one as Biometric) : one,
  );
}

function underscored(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
