/**
 * The shape most references share: `name=value;name=value?name=value&name=value`, each name known,
 * none twice. Values are percent-encoded bytes.
 *
 * @module
 */
import { percentDecode, percentDecodeText } from './percent.ts';
import { refuse } from './refuse.ts';
import { secretKind } from './secret-names.ts';

// RFC 7512 §2.3: pk11-pchar and pk11-qchar; "/" in the path is one more, for other tools' module paths.
const NOT_PATH = /[^A-Za-z0-9._~:[\]@!$'()*+,=&/%-]/;
const NOT_QUERY = /[^A-Za-z0-9._~:[\]@!$'()*+,=/?|;%-]/;
const SEPARATES_QUERY = /[&;]/;

/** What a body may say. */
export interface AttributeRules {
  /** Names before the question mark; absent where the path is not made of attributes. */
  readonly path?: readonly string[];
  /** Names behind it. Both `&` and `;` separate them, as cosign reads and RFC 7512 does not forbid. */
  readonly query: readonly string[];
  /** What separates them instead, where a value may have a `;` in it. */
  readonly separator?: RegExp;
  /** Whether `+` is a space, as in forms and in smallstep's dialect. */
  readonly form?: boolean;
}

/** The attributes of one body, each read once and for good. Absent ones are `undefined`. */
export interface Attributes {
  /** What stands before the question mark, as written. */
  readonly path: string;
  /** The value as written. */
  raw(name: string): string | undefined;
  bytes(name: string): Uint8Array<ArrayBuffer> | undefined;
  /** UTF-8 text that `accept` admits; otherwise `ARGUMENT_INVALID` with `expected` as its message. */
  text(name: string, accept?: (text: string) => boolean, expected?: string): string | undefined;
  /** A decimal number without leading zeros, within the bounds. */
  integer(name: string, least: number, most: number): number | undefined;
}

interface Attribute {
  readonly raw: string;
  readonly offset: number;
}

/** Reads a body. Throws `ARGUMENT_INVALID` for names unknown, repeated or secret, and for bare words. */
export function readAttributes(scheme: string, body: string, rules: AttributeRules): Attributes {
  const mark = body.indexOf('?');
  const path = mark === -1 ? body : body.slice(0, mark);
  const found = new Map<string, Attribute>();
  if (rules.path) collect(found, scheme, path, 0, { names: rules.path, separator: /;/, wrong: NOT_PATH });
  if (mark !== -1) {
    const query = body.slice(mark + 1);
    const { query: names, separator = SEPARATES_QUERY } = rules;
    collect(found, scheme, query, mark + 1, { names, separator, wrong: NOT_QUERY });
  }
  return reader(scheme, path, found, rules.form ?? false);
}

interface Part {
  readonly names: readonly string[];
  readonly separator: RegExp;
  readonly wrong: RegExp;
}

function collect(
  found: Map<string, Attribute>,
  scheme: string,
  text: string,
  start: number,
  part: Part,
): void {
  if (text === '') return;
  let offset = start;
  for (const piece of text.split(part.separator)) {
    const equals = piece.indexOf('=');
    const name = equals === -1 ? piece : piece.slice(0, equals);
    checkName(scheme, name, offset, part.names);
    const field = `${scheme}.${name}`;
    if (equals === -1) throw refuse(field, 'an attribute is name=value', offset);
    if (found.has(name)) throw refuse(field, 'the attribute is repeated', offset);
    const raw = piece.slice(equals + 1);
    const wrong = raw.search(part.wrong);
    if (wrong !== -1) throw refuse(field, 'percent-encode this character', offset + equals + 1 + wrong);
    found.set(name, { raw, offset: offset + equals + 1 });
    offset += piece.length + 1;
  }
}

/** Names are matched as written: RFC 7512 §2.3 has no percent-encoding in them. */
function checkName(scheme: string, name: string, offset: number, names: readonly string[]): void {
  if (names.includes(name)) return;
  const kind = secretKind(name) ?? secretKind(decoded(name));
  if (kind !== undefined) throw refuse(`${scheme}.${kind}`, 'a reference carries no secret', offset);
  throw refuse(scheme, 'unknown attribute', offset);
}

/** `text` with its percent-encoded ASCII characters in clear, and everything else as it is. */
export function decoded(text: string): string {
  return text.replaceAll(/%[0-7][0-9A-Fa-f]/g, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
}

function reader(
  scheme: string,
  path: string,
  found: ReadonlyMap<string, Attribute>,
  form: boolean,
): Attributes {
  /** Applies `read` to the raw value, if the attribute is there. */
  function value<T>(name: string, read: (raw: string, field: string, offset: number) => T): T | undefined {
    const attribute = found.get(name);
    if (attribute === undefined) return undefined;
    const raw = form ? attribute.raw.replaceAll('+', ' ') : attribute.raw;
    return read(raw, `${scheme}.${name}`, attribute.offset);
  }
  return {
    path,
    raw: (name) => found.get(name)?.raw,
    bytes: (name) => value(name, percentDecode),
    text: (name, accept = () => true, expected = 'the value is not valid') =>
      value(name, (raw, field, offset) => {
        const text = percentDecodeText(raw, field, offset);
        if (!accept(text)) throw refuse(field, expected, offset);
        return text;
      }),
    integer: (name, least, most) =>
      value(name, (raw, field, offset) => {
        const number = /^(0|[1-9][0-9]{0,15})$/.test(raw) ? Number(raw) : Number.NaN;
        if (number >= least && number <= most) return number;
        throw refuse(field, `not a decimal number from ${least} to ${most}`, offset);
      }),
  };
}

/** Writes attributes, leaving out those without a value. */
export function writeAttributes(
  path: readonly (readonly [name: string, value: string | undefined])[],
  query: readonly (readonly [name: string, value: string | undefined])[] = [],
): string {
  const tail = join(query, '&');
  return join(path, ';') + (tail === '' ? '' : `?${tail}`);
}

function join(pairs: readonly (readonly [string, string | undefined])[], separator: string): string {
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(separator);
}
