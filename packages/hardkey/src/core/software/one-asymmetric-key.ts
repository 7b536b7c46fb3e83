/**
 * PKCS #8 with the public half beside the private one (RFC 5958 §2), which OpenSSL 3.0 does not read and
 * OpenSSL 3.5 reads without a look at the public half.
 *
 * @module
 */
import { DerReader, der, derTag, derUnsigned } from '../../encoding/der.ts';
import { Failure } from '../../errors.ts';

/** A key as PKCS #8 always had it, and the public half that came with it. */
export interface SplitKey {
  readonly pkcs8: Uint8Array;
  readonly publicBits?: Uint8Array;
}

/** `attributes [0]` and `publicKey [1]`; and the latter tagged explicitly, as ring has always written it. */
const [ATTRIBUTES, PUBLIC_KEY, EXPLICIT_PUBLIC_KEY] = [0xa0, 0x81, 0xa1];

const VERSION_2 = 1;

/** Takes the public half out. What is no version 2 comes back as it is. */
export function withoutPublicHalf(bytes: Uint8Array): SplitKey {
  const key = new DerReader(bytes, 'privateKey').enter();
  if (versionOf(key) !== VERSION_2 || key.tag !== derTag.sequence) return { pkcs8: bytes };
  const algorithm = key.read(derTag.sequence);
  const privateKey = key.read(derTag.octetString);
  if (key.tag === ATTRIBUTES) key.read(ATTRIBUTES);
  const publicBits = publicBitsOf(key);
  key.end();
  const parts = [der(derTag.sequence, algorithm), der(derTag.octetString, privateKey)];
  const pkcs8 = der(derTag.sequence, derUnsigned(Uint8Array.of(0)), ...parts);
  return publicBits === undefined ? { pkcs8 } : { pkcs8, publicBits };
}

function versionOf(key: DerReader): number | undefined {
  return key.tag === derTag.integer ? key.unsigned()[0] : undefined;
}

function publicBitsOf(key: DerReader): Uint8Array | undefined {
  if (key.done) return undefined;
  if (key.tag === EXPLICIT_PUBLIC_KEY) return key.enter(EXPLICIT_PUBLIC_KEY).bits();
  const [unused, ...bits] = key.read(PUBLIC_KEY);
  if (unused === 0) return Uint8Array.from(bits);
  throw new Failure('MALFORMED', 'the public half is not whole bytes', { field: 'privateKey' });
}
