/**
 * PEM (RFC 7468).
 *
 * @module
 */
import { Failure, isFailure } from '../errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands between `BEGIN` and the dashes, for example `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** RFC 7468 §3: printable characters, spaces between them, no hyphen. */
const LABEL = /^[!-,.-~]+(?: [!-,.-~]+)*$/;

/** Whether the text holds a PEM block. */
export function isPem(text: string): boolean {
  return text.includes(BEGIN);
}

/** Whether a PEM text holds an encrypted key: PKCS #8 (RFC 7468 §11), or the older form of OpenSSL. */
export function isEncryptedPem(text: string): boolean {
  return /ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text);
}

/**
 * The blocks of a PEM text, in order. Explanatory text around them is skipped (RFC 7468 §2). Throws
 * `MALFORMED` with the offset of a block that is not complete, has no end of its own, or is not
 * base64 within, or begins in the last line of another; also when there is no block at all.
 */
export function decodePem(text: string, field = 'pem'): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let from = 0;
  for (let at = text.indexOf(BEGIN); at !== -1; at = text.indexOf(BEGIN, from)) {
    const { block, next } = readBlock(text, at, field);
    refuseEnd(text.slice(from, at), from, field);
    blocks.push(block);
    from = next;
  }
  refuseEnd(text.slice(from), from, field);
  if (blocks.length === 0) throw malformed('no PEM block', field, 0);
  return blocks;
}

/** One PEM block, with a line feed at its end. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return `${BEGIN}${label}${DASHES}\n${lines.map((line) => `${line}\n`).join('')}${END}${label}${DASHES}\n`;
}

function readBlock(text: string, at: number, field: string): { block: PemBlock; next: number } {
  const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
  const label = text.slice(at + BEGIN.length, Math.max(labelEnd, 0));
  const end = `${END}${label}${DASHES}`;
  const bodyEnd = LABEL.test(label) ? text.indexOf(end, labelEnd) : -1;
  if (bodyEnd === -1) throw malformed('a PEM block is not complete', field, at);
  const next = bodyEnd + end.length;
  // The dashes of its end may not begin the next block, which nobody would find then.
  const follows = text.indexOf(BEGIN, bodyEnd + 1);
  if (follows !== -1 && follows < next) throw malformed('a PEM block has no line of its own', field, follows);
  const body = text.slice(labelEnd + DASHES.length, bodyEnd);
  if (!/^[ \t]*\r?\n/.test(body)) throw malformed('a PEM block does not begin with a line', field, at);
  return { block: { label, bytes: readBody(body, field, at) }, next };
}

function readBody(body: string, field: string, at: number): Uint8Array {
  try {
    return decodeBase64(body.replace(/[ \t\r\n]+/g, ''), field);
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) throw malformed('a PEM block is not base64 within', field, at);
    throw error;
  }
}

/** An end of a block whose beginning is lost: to skip it would be to lose the block without a word. */
function refuseEnd(between: string, from: number, field: string): void {
  const at = between.indexOf(END);
  if (at !== -1) throw malformed('a PEM block has no beginning', field, from + at);
}

function malformed(message: string, field: string, offset: number): Failure {
  return new Failure('MALFORMED', message, { field, offset });
}
