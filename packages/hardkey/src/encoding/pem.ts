/**
 * PEM (RFC 7468).
 *
 * @module
 */
import { Failure } from '../errors.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands between `BEGIN` and the dashes, for example `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** Whether the text holds a PEM block. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** The blocks of a PEM text, in order. Explanatory text around them is skipped (RFC 7468 §2). */
export function decodePem(text: string, field = 'pem'): readonly PemBlock[] {
  const blocks = [...text.matchAll(BLOCK)].map(([, label = '', body = '']) => ({
    label,
    bytes: decodeBase64(body.replace(/\s+/g, ''), field),
  }));
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1) {
    throw new Failure('MALFORMED', 'a PEM block is not complete', { field });
  }
  return blocks;
}

/** One PEM block, with a line feed at its end. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
