/**
 * What a signature will say, in words: every part of the bytes, so that nothing is signed that nobody
 * could read.
 *
 * @module
 */
import { digest } from '#crypto';
import { keyIdText } from '../../../core/trust/key-id.ts';
import { type CborValue, encodeCbor } from '../../../encoding/cbor/index.ts';
import { encodeHex } from '../../../encoding/hex.ts';
import { type HeaderMap, headerLabel } from '../../cose/headers.ts';
import type { Sign1 } from '../../cose/verify.ts';
import { biometricFormat } from '../codes.ts';
import { type Biometric, fieldByName, type Identity } from '../fields.ts';
import type { Meta } from '../meta.ts';

/** Paths, as `meta.issuer` and `identity.fullName`, and what stands there. */
export type Summary = Readonly<Record<string, string>>;

/** A structure that waits for its signature. */
export interface Covered {
  readonly headers: Sign1['headers'];
  readonly meta: Meta;
  readonly identity: Identity;
}

/** The lines, in the order of the signed bytes. */
export async function summaryOf({ headers, meta, identity }: Covered): Promise<Summary> {
  const lines: Lines = [];
  await addHeaders(lines, 'cose', headers.protected);
  await addHeaders(lines, 'cose.unprotected', headers.unprotected);
  for (const [name, value] of Object.entries(meta)) await addMeta(lines, name, value);
  for (const [name, value] of Object.entries(identity)) await addField(lines, name, value);
  return Object.fromEntries(lines);
}

type Lines = (readonly [path: string, text: string])[];

const TIMES: readonly string[] = ['expiresAt', 'notBefore', 'issuedAt'] satisfies readonly (keyof Meta)[];

/** All but the algorithm, which the file names by itself. */
async function addHeaders(lines: Lines, path: string, parameters: HeaderMap): Promise<void> {
  for (const [label, value] of parameters) {
    if (label === headerLabel.algorithm) continue;
    if (label === headerLabel.keyId && value instanceof Uint8Array) {
      lines.push([`${path}.keyId`, shown(keyIdText(value))]);
    } else if (label === headerLabel.x5chain) await addCertificates(lines, `${path}.x5chain`, value);
    else lines.push([`${path}.${shown(String(label))}`, await cborText(value)]);
  }
}

/** Each by the hash of its DER, which other programs call its fingerprint. */
async function addCertificates(lines: Lines, path: string, value: CborValue): Promise<void> {
  const certificates: readonly CborValue[] = Array.isArray(value) ? value : [value];
  for (const [index, one] of certificates.entries()) {
    lines.push([
      `${path}.${index}`,
      one instanceof Uint8Array ? `certificate, ${await bytesText(one)}` : await cborText(one),
    ]);
  }
}

async function addMeta(lines: Lines, name: string, value: unknown): Promise<void> {
  const path = `meta.${name}`;
  if (name === 'unknown') return addEncoded(lines, path, value as Encodings);
  if (TIMES.includes(name)) lines.push([path, timeText(Number(value))]);
  else if (typeof value === 'string') lines.push([path, shown(value)]);
  else lines.push([path, await plainText(value)]);
}

async function addField(lines: Lines, name: string, value: unknown): Promise<void> {
  const path = `identity.${name}`;
  const { type, codes } = fieldByName.get(name) ?? {};
  if (name === 'unknown') return addEncoded(lines, path, value as Encodings);
  if (type === 'biometrics') return addSamples(lines, path, value as readonly Biometric[]);
  if (typeof value === 'string') lines.push([path, shown(value)]);
  else if (typeof value === 'number') lines.push([path, codeText(value, codes)]);
  else lines.push([path, await plainText(value)]);
}

async function addSamples(lines: Lines, path: string, samples: readonly Biometric[]): Promise<void> {
  for (const [index, { data, format, subFormat, issuer, unknown }] of samples.entries()) {
    const parts = [
      ...(format === undefined ? [] : [codeText(format, biometricFormat)]),
      ...(subFormat === undefined ? [] : [`sub-format ${subFormat}`]),
      ...(issuer === undefined ? [] : [`by ${shown(issuer)}`]),
      await bytesText(data),
    ];
    lines.push([`${path}.${index}`, parts.join(', ')]);
    if (unknown !== undefined) await addEncoded(lines, `${path}.${index}`, unknown);
  }
}

type Encodings = ReadonlyMap<unknown, Uint8Array>;

/** What is not understood, by its label. */
async function addEncoded(lines: Lines, path: string, unknown: Encodings): Promise<void> {
  for (const [label, encoding] of unknown) {
    lines.push([`${path}.${shown(String(label))}`, `CBOR, ${await bytesText(encoding)}`]);
  }
}

function codeText(value: number, codes: Readonly<Record<string, number>> = {}): string {
  const name = Object.entries(codes).find(([, code]) => code === value)?.[0];
  return name === undefined ? String(value) : `${value} (${name})`;
}

/** A credential may name a second that no calendar has. */
function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : `${time.toISOString()} (${seconds})`;
}

async function plainText(value: unknown): Promise<string> {
  if (value instanceof Uint8Array) return bytesText(value);
  return JSON.stringify(value, (_name, one: unknown) => {
    if (one instanceof Uint8Array) return encodeHex(one);
    if (one instanceof Map) return [...one];
    return typeof one === 'bigint' ? String(one) : one;
  });
}

async function cborText(value: CborValue): Promise<string> {
  return `CBOR, ${await bytesText(encodeCbor(value))}`;
}

/** As many as can be compared by eye; of more, their hash. */
async function bytesText(bytes: Uint8Array): Promise<string> {
  const size = `${bytes.length} bytes`;
  if (bytes.length <= 32) return `${size}: ${encodeHex(bytes)}`;
  return `${size}, sha256:${encodeHex(await digest('SHA-256', bytes))}`;
}

/** Characters that are not seen, or turn others around, by their number. */
function shown(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
