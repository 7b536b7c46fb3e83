/**
 * An AES key in a file of its own: `--decrypt-key`.
 *
 * @module
 */
import { type Aead, type AeadAlgorithm, createKeys, Failure, Secret } from 'hardkey';
import { memory } from 'hardkey/providers/memory';
import { fromBase64 } from '../../base64.ts';
import { readSmall } from '../../files.ts';
import { withoutLineEnd } from '../../input.ts';

const ALGORITHMS: Readonly<Record<number, AeadAlgorithm>> = { 16: 'A128GCM', 24: 'A192GCM', 32: 'A256GCM' };

/** Reads a key of 16, 24 or 32 bytes, as they are, in hexadecimal or in base64. */
export async function readAesKey(path: string): Promise<Aead> {
  const file = await readSmall(path);
  const bytes = bytesOf(file, path);
  using material = new Secret(bytes);
  const algorithm = ALGORITHMS[bytes.length];
  bytes.fill(0);
  file.fill(0);
  if (algorithm === undefined) throw refused(path);
  const key = await createKeys([memory()]).import('memory:decrypt-key', { material, algorithm });
  return key.use(algorithm);
}

/** Text first: the chance that bytes of a key are all digits of one is nil. */
function bytesOf(file: Uint8Array, path: string): Uint8Array {
  const line = withoutLineEnd(file);
  const text = new TextDecoder('latin1').decode(line);
  if (/^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64})$/.test(text)) return fromHex(text);
  if (/^[A-Za-z0-9+/]{22,43}={0,2}$/.test(text) && text.length % 4 === 0) {
    const decoded = fromBase64(text, 'decrypt-key');
    if (decoded.length in ALGORITHMS) return decoded;
  }
  if (file.length in ALGORITHMS) return file;
  throw refused(path);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function refused(path: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', 'not 16, 24 or 32 bytes, nor their hexadecimal or base64', {
    field: 'decrypt-key',
    path,
  });
}
