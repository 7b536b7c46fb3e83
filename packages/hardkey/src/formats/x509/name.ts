/**
 * Distinguished names: their text (RFC 4514) to DER (RFC 5280 §4.1.2.4).
 *
 * @module
 */
import { compareBytes, join, utf8 } from '../../encoding/bytes.ts';
import { der, derOid, derTag } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';

const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;
const SET = 0x31;

interface AttributeType {
  readonly oid: string;
  readonly tag: number;
  /** Characters, by the upper bounds of RFC 5280 Appendix A.1. */
  readonly most: number;
}

// RFC 4514 §3, and those of RFC 5280 §4.1.2.4 and RFC 2985 §5.2.1 that are in use.
const TYPES: Readonly<Record<string, AttributeType>> = {
  CN: { oid: '2.5.4.3', tag: UTF8_STRING, most: 64 },
  SN: { oid: '2.5.4.4', tag: UTF8_STRING, most: 32_768 },
  SERIALNUMBER: { oid: '2.5.4.5', tag: PRINTABLE_STRING, most: 64 },
  C: { oid: '2.5.4.6', tag: PRINTABLE_STRING, most: 2 },
  L: { oid: '2.5.4.7', tag: UTF8_STRING, most: 128 },
  ST: { oid: '2.5.4.8', tag: UTF8_STRING, most: 128 },
  STREET: { oid: '2.5.4.9', tag: UTF8_STRING, most: 128 },
  O: { oid: '2.5.4.10', tag: UTF8_STRING, most: 64 },
  OU: { oid: '2.5.4.11', tag: UTF8_STRING, most: 64 },
  T: { oid: '2.5.4.12', tag: UTF8_STRING, most: 64 },
  GN: { oid: '2.5.4.42', tag: UTF8_STRING, most: 32_768 },
  UID: { oid: '0.9.2342.19200300.100.1.1', tag: UTF8_STRING, most: 256 },
  DC: { oid: '0.9.2342.19200300.100.1.25', tag: IA5_STRING, most: 63 },
  EMAILADDRESS: { oid: '1.2.840.113549.1.9.1', tag: IA5_STRING, most: 255 },
};

/** What a value of a type may hold, by its tag. */
const ALPHABETS: Readonly<Record<number, RegExp>> = {
  [UTF8_STRING]: /^[^\p{Cc}\p{Cs}]+$/u,
  [PRINTABLE_STRING]: /^[A-Za-z0-9 '()+,\-./:=?]+$/,
  [IA5_STRING]: /^[ -~]+$/,
};

/**
 * The DER of a name, for example `CN=Issuer,O=Example\, Inc.,C=CH`. RFC 4514 §2.1 writes the most specific
 * part first, and DER has it last. Throws `ARGUMENT_INVALID` with the offset, and quotes nothing.
 */
export function encodeName(text: string, field: string): Uint8Array {
  const parts = split(text, 0, ',', field).map((part) => encodeRelative(part, field));
  return der(derTag.sequence, ...parts.reverse());
}

/** A piece of a text, and where it begins. */
interface Piece {
  readonly text: string;
  readonly offset: number;
}

/** One part: an attribute, or several joined by `+`, in the order of DER (X.690 §11.6). */
function encodeRelative({ text, offset }: Piece, field: string): Uint8Array {
  const attributes = split(text, offset, '+', field).map((one) => encodeAttribute(one, field));
  return der(SET, join(attributes.sort(compareBytes)));
}

function encodeAttribute({ text, offset }: Piece, field: string): Uint8Array {
  const equals = text.indexOf('=');
  if (equals === -1) throw refused('a part of a name is TYPE=value', field, offset);
  const name = text.slice(0, equals).trim().toUpperCase();
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) throw refused('a type of attribute that is not known', field, offset);
  const start = offset + equals + 1;
  const value = unescaped({ text: text.slice(equals + 1), offset: start }, field);
  if (
    value.length > type.most ||
    ALPHABETS[type.tag]?.test(value) !== true ||
    (name === 'C' && value.length !== 2)
  ) {
    throw refused(`a value that ${name} does not have`, field, start);
  }
  return der(derTag.sequence, derOid(type.oid), der(type.tag, utf8(value)));
}

/** Cuts at separators that no backslash stands before. */
function split(text: string, offset: number, separator: string, field: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (at === text.length || text[at] === separator) {
      pieces.push({ text: text.slice(from, at), offset: offset + from });
      from = at + 1;
    }
  }
  if (from <= text.length) throw refused('a backslash with nothing behind it', field, offset + text.length);
  return pieces;
}

// RFC 4514 §2.4: these are escaped wherever they stand; and any byte may be, by two hexadecimal digits.
const SPECIAL = /^[",+;<>\\ #=]/;

/** The value without its escapes, and without spaces around it that are not escaped. */
function unescaped({ text, offset }: Piece, field: string): string {
  // A space that a backslash stands before is part of the value.
  const trimmed = text.replace(/^ +/, '').replace(/^((?:\\.|[^\\])*?) +$/s, '$1');
  // §2.4: it would begin a value in hexadecimal, of any type.
  if (trimmed.startsWith('#')) throw refused('a character that needs a backslash', field, offset);
  const bytes: Uint8Array[] = [];
  for (let at = 0; at < trimmed.length; ) {
    const rest = trimmed.slice(at);
    const hex = /^\\([0-9A-Fa-f]{2})/.exec(rest)?.[1];
    const plain = /^[^\\",;<>+]+/.exec(rest)?.[0];
    if (hex !== undefined) bytes.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (rest[0] === '\\' && SPECIAL.test(rest.slice(1))) bytes.push(utf8(rest.slice(1, 2)));
    else if (plain !== undefined) bytes.push(utf8(plain));
    else throw refused('a character that needs a backslash', field, offset);
    at += hex === undefined ? (plain?.length ?? 2) : 3;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(join(bytes));
  } catch {
    throw refused('bytes that are no UTF-8', field, offset);
  }
}

function refused(message: string, field: string, offset: number): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field, offset });
}
