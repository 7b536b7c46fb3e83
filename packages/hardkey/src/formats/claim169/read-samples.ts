/**
 * Biometric samples: a list of maps, or one map alone, as older issuers write it.
 *
 * @module
 */
import { type CborEntry, CborReader, type CborValue } from '../../encoding/cbor/index.ts';
import { biometricFormat, isCode, isSubFormat } from './codes.ts';
import { type Biometric, biometricLabel } from './fields.ts';
import { bytes, integer, isPlain, type Reading } from './read-value.ts';
import { mistyped, unknownField, unknownValue } from './warnings.ts';

/** Every sample, or undefined when one of them cannot be read; a warning then says which. */
export function samples(value: CborValue, path: string, reading: Reading): readonly Biometric[] | undefined {
  const maps: readonly CborValue[] | undefined =
    value instanceof Map ? [value] : Array.isArray(value) ? value : undefined;
  if (maps === undefined) return undefined;
  const read: Biometric[] = [];
  for (const [index, map] of maps.entries()) {
    const place = { path: `${path}.${index}`, index };
    const one = map instanceof Map ? sample(map, place, reading) : undefined;
    if (one === undefined) {
      reading.warnings.push(mistyped(place.path));
      return undefined;
    }
    read.push(one);
  }
  return read;
}

/** Where a sample stands. */
interface Place {
  readonly path: string;
  readonly index: number;
}

function sample(
  map: ReadonlyMap<CborValue, CborValue>,
  place: Place,
  reading: Reading,
): Biometric | undefined {
  const data = bytes(map.get(biometricLabel.data), `${place.path}.data`, reading);
  const format = optional(map, biometricLabel.format, `${place.path}.format`, reading);
  const subFormat = optional(map, biometricLabel.subFormat, `${place.path}.subFormat`, reading);
  const issuer = map.get(biometricLabel.issuer);
  if (data === undefined || format === null || subFormat === null) return undefined;
  if (map.has(biometricLabel.issuer) && typeof issuer !== 'string') return undefined;
  const made = {
    data,
    ...(format !== undefined && { format }),
    ...(subFormat !== undefined && { subFormat }),
    ...(typeof issuer === 'string' && { issuer }),
  };
  return isUnderstood(map, made) ? made : withUnknown(made, place, reading);
}

/** An integer, undefined where there is none, null where there is something else. */
function optional(
  map: ReadonlyMap<CborValue, CborValue>,
  label: number,
  path: string,
  reading: Reading,
): number | undefined | null {
  return map.has(label) ? (integer(map.get(label), path, reading) ?? null) : undefined;
}

function isUnderstood(
  map: ReadonlyMap<CborValue, CborValue>,
  { format, subFormat, issuer }: Biometric,
): boolean {
  const labels = [format, subFormat, issuer].filter((value) => value !== undefined).length + 1;
  return (
    map.size === labels &&
    (format === undefined || isCode(biometricFormat, format)) &&
    (subFormat === undefined || isSubFormat(format, subFormat))
  );
}

/** What is not understood in a sample, byte for byte: labels nobody knows, and numbers in another encoding. */
function withUnknown(made: Biometric, { path, index }: Place, reading: Reading): Biometric | undefined {
  const { format, subFormat } = made;
  const { warnings } = reading;
  const encoding = reading.encoding();
  const kept: { -readonly [K in keyof Biometric]: Biometric[K] } = { ...made };
  const unknown = new Map<number, Uint8Array>();
  const known = Object.values(biometricLabel) as readonly number[];
  for (const { key, start, end } of sampleEntries(encoding, index)) {
    if (typeof key !== 'number') return undefined;
    if (!known.includes(key)) {
      unknown.set(key, encoding.slice(start, end));
      warnings.push(unknownField(`${path}.${key}`));
    }
    const isFormat = key === biometricLabel.format && format !== undefined;
    const isSub = key === biometricLabel.subFormat && subFormat !== undefined;
    const value = isFormat ? format : isSub ? subFormat : undefined;
    if (value === undefined || (isFormat ? isCode(biometricFormat, value) : isSubFormat(format, value)))
      continue;
    warnings.push(unknownValue(`${path}.${isFormat ? 'format' : 'subFormat'}`));
    if (isPlain(encoding.subarray(start, end), value)) continue;
    unknown.set(key, encoding.slice(start, end));
    delete kept[isFormat ? 'format' : 'subFormat'];
  }
  return unknown.size === 0 ? kept : { ...kept, unknown };
}

/** The entries of one sample, with their places in the encoding of the whole field. */
function sampleEntries(encoding: Uint8Array, index: number): readonly CborEntry[] {
  const [first = 0] = encoding;
  const info = first & 31;
  // RFC 8949 §3: the head of the list. A sample alone has none.
  const head = first >> 5 === 5 ? 0 : info < 24 || info === 31 ? 1 : 1 + (1 << (info - 24));
  const reader = new CborReader(encoding.subarray(head), { field: 'claim169', depth: 8, items: 2000 });
  for (let before = 0; before < index; before++) reader.value();
  return reader.entries().map((entry) => ({
    ...entry,
    start: entry.start + head,
    end: entry.end + head,
  }));
}
