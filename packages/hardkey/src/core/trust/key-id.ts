/**
 * Key identifiers: how documents and trust lists name a key.
 *
 * @module
 */
import { encodeBase64url } from '../../encoding/base64.ts';
import { fromUtf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { isFailure } from '../../errors.ts';
import { didOf } from './did-url.ts';

/** A key id as text: what its bytes say in UTF-8 where that can be printed, their hexadecimal elsewhere. */
export function keyIdText(keyId: Uint8Array | string): string {
  if (typeof keyId === 'string') return keyId;
  return printable(keyId) ?? encodeHex(keyId);
}

/**
 * The names a key id in a document may stand for: itself, bytes of an id or an RFC 7638 thumbprint, or
 * the DID that holds the key the id is a part of.
 */
export function keyIdNames(keyId: Uint8Array | string): readonly string[] {
  const text = keyIdText(keyId);
  const names = typeof keyId === 'string' ? [text] : [text, encodeHex(keyId), encodeBase64url(keyId)];
  const did = text.startsWith('did:') ? didOf(text) : undefined;
  return did === undefined || did === text ? names : [...names, did];
}

function printable(bytes: Uint8Array): string | undefined {
  try {
    const text = fromUtf8(bytes);
    return /^\P{C}+$/u.test(text) ? text : undefined;
  } catch (error) {
    if (isFailure(error, 'MALFORMED')) return undefined;
    throw error;
  }
}
