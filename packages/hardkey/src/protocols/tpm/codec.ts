/**
 * How structures of TPM 2.0 are written and read: big-endian, fields in the order of the specification
 * (Part 2 §4.4 and §5).
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { TpmReader } from './reader.ts';
import { TpmWriter } from './writer.ts';

/** Writes and reads one type. */
export interface TpmCodec<T> {
  readonly write: (out: TpmWriter, value: T) => void;
  /** Throws `MALFORMED` for lengths that do not hold, `UNSUPPORTED` for identifiers that are not known here. */
  readonly read: (input: TpmReader) => T;
}

/** The bytes of a value. */
export function encodeTpm<T>(codec: TpmCodec<T>, value: T): Uint8Array<ArrayBuffer> {
  const out = new TpmWriter();
  codec.write(out, value);
  return out.done();
}

/** The value of bytes, all of them. `field` names it in failures. */
export function decodeTpm<T>(codec: TpmCodec<T>, bytes: Uint8Array, field: string): T {
  const input = new TpmReader(bytes, field);
  const value = codec.read(input);
  input.end();
  return value;
}

function unsigned(size: 1 | 2 | 4): TpmCodec<number> {
  return { write: (out, value) => out.unsigned(value, size), read: (input) => input.unsigned(size) };
}

/** UINT8. */
export const u8: TpmCodec<number> = unsigned(1);
/** UINT16. */
export const u16: TpmCodec<number> = unsigned(2);
/** UINT32. */
export const u32: TpmCodec<number> = unsigned(4);

/** UINT64. */
export const u64: TpmCodec<bigint> = {
  write(out, value) {
    out.unsigned(Number(value >> 32n), 4);
    out.unsigned(Number(value & 0xffff_ffffn), 4);
  },
  read: (input) => (BigInt(input.unsigned(4)) << 32n) | BigInt(input.unsigned(4)),
};

/** TPMI_YES_NO (Part 2 §9.2): one byte, 0 or 1. */
export const yesNo: TpmCodec<boolean> = {
  write: (out, value) => out.unsigned(value ? 1 : 0, 1),
  read(input) {
    const value = input.unsigned(1);
    if (value > 1) throw input.malformed('neither yes nor no');
    return value === 1;
  },
};

/** A TPM2B: bytes with their length before them, `most` at most. The length takes two bytes, or one. */
export function sized(most: number, width: 1 | 2 = 2): TpmCodec<Uint8Array> {
  return {
    write(out, value) {
      if (value.length > most) {
        throw new Failure('ARGUMENT_INVALID', 'longer than the TPM takes', { field: 'tpm' });
      }
      out.unsigned(value.length, width);
      out.bytes(value);
    },
    read: (input) => input.bytes(input.length(width, most)),
  };
}

/** A TPM2B around a structure, which must fill it. */
export function sizedOf<T>(codec: TpmCodec<T>): TpmCodec<T> {
  return {
    write: (out, value) => out.sized(2, () => codec.write(out, value)),
    read: (input) => input.within(input.length(2, 0xffff), codec.read),
  };
}

/** A structure: its fields one after the other. */
export function struct<T extends object>(
  fields: {
    readonly [K in keyof T]-?: TpmCodec<T[K]>;
  },
): TpmCodec<T> {
  const entries = Object.entries(fields) as readonly (readonly [string, TpmCodec<unknown>])[];
  return {
    write(out, value) {
      const members = value as Readonly<Record<string, unknown>>;
      for (const [name, codec] of entries) codec.write(out, members[name]);
    },
    read(input) {
      const members: Record<string, unknown> = {};
      for (const [name, codec] of entries) members[name] = input.named(name, codec.read);
      return members as T;
    },
  };
}

/** A structure with nothing in it. */
export const nothing: TpmCodec<object> = { write: () => {}, read: () => ({}) };

/** A TPML: how many there are, `most` at most, and all of them. */
export function list<T>(codec: TpmCodec<T>, most: number): TpmCodec<readonly T[]> {
  return {
    write(out, values) {
      out.unsigned(values.length, 4);
      for (const value of values) codec.write(out, value);
    },
    read: (input) => Array.from({ length: input.length(4, most) }, () => codec.read(input)),
  };
}

/** One of the names of a table, by its identifier. An identifier that is not in the table is `UNSUPPORTED`. */
export function enumerated<K extends string>(
  ids: Readonly<Record<K, number>>,
  size: 1 | 2 | 4 = 2,
): TpmCodec<K> {
  const names = new Map(Object.entries<number>(ids).map(([name, id]) => [id, name as K]));
  return {
    write: (out, name) => out.unsigned(ids[name], size),
    read(input) {
      const name = names.get(input.unsigned(size));
      if (name === undefined) throw input.unsupported('an identifier that is not known');
      return name;
    },
  };
}

/** The rest of the members of `T` whose member `N` may be `K`. */
type Variant<T, N extends string, K> = T extends { readonly [M in N]: infer V }
  ? K extends V
    ? Omit<T, N>
    : never
  : never;

/** A union whose member `name` says which variant follows it. */
export function tagged<N extends string, T extends { readonly [K in N]: string }>(
  name: N,
  tag: TpmCodec<T[N]>,
  variants: { readonly [K in T[N]]: TpmCodec<Variant<T, N, K>> },
): TpmCodec<T> {
  const bodies = variants as unknown as Readonly<Record<string, TpmCodec<object>>>;
  const bodyOf = (which: string): TpmCodec<object> => bodies[which] ?? nothing;
  return {
    write(out, value) {
      tag.write(out, value[name]);
      bodyOf(value[name]).write(out, value);
    },
    read(input) {
      const which = input.named(name, tag.read);
      return { [name]: which, ...bodyOf(which).read(input) } as unknown as T;
    },
  };
}

/** What is always the same: a magic number. */
export function fixed(value: number, size: 1 | 2 | 4): TpmCodec<number> {
  return {
    write: (out) => out.unsigned(value, size),
    read(input) {
      if (input.unsigned(size) !== value) throw input.malformed('not what it must begin with');
      return value;
    },
  };
}
