/**
 * What SSH has in bytes: public keys, signatures and the replies of agents. Keys and signatures have one
 * encoding. The first byte says which of them an input is.
 *
 * @module
 */
import { publicKeyOf } from '../../packages/hardkey/src/core/import-public-key.ts';
import { decodeSshKey, encodeSshKey } from '../../packages/hardkey/src/core/ssh/public-key.ts';
import { decodeSshSignature, encodeSshSignature } from '../../packages/hardkey/src/core/ssh/signature.ts';
import { concat, equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { sshString, sshUint32, sshUnsigned } from '../../packages/hardkey/src/encoding/ssh.ts';
import { isFailure } from '../../packages/hardkey/src/errors.ts';
import { encodeFrame, ReplyReader } from '../../packages/hardkey/src/protocols/ssh-agent/frames.ts';
import {
  decodeIdentities,
  decodeSignResponse,
} from '../../packages/hardkey/src/protocols/ssh-agent/messages.ts';
import { promised, type Target } from '../target.ts';
import { signer } from './keys.ts';

const [KEY, SIGNATURE, FRAME, IDENTITIES] = [0, 1, 2, 12];

/** See the module. */
export const ssh: Target = {
  name: 'ssh',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'DENIED'],
  seeds: () => [
    ...keys().map((key) => concat(Uint8Array.of(KEY), key)),
    ...signatures().map((signature) => concat(Uint8Array.of(SIGNATURE), signature)),
    concat(Uint8Array.of(FRAME), encodeFrame(Uint8Array.of(5))),
    concat(
      Uint8Array.of(IDENTITIES),
      sshUint32(2),
      ...keys()
        .slice(0, 2)
        .flatMap((key) => [sshString(key), sshString('me')]),
    ),
    concat(Uint8Array.of(14), sshString(...signatures().slice(0, 1))),
  ],
  run(input) {
    const rest = input.subarray(1);
    if (input[0] === KEY) return runKey(rest);
    if (input[0] === SIGNATURE) return runSignature(rest);
    if (input[0] === FRAME) return new ReplyReader().push(rest)?.length;
    if (input[0] !== IDENTITIES) return decodeSignResponse(input).length;
    return decodeIdentities(input).reduce(
      (sum, { keyBytes, comment }) => sum + keyBytes.length + comment.length,
      0,
    );
  },
  words: ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp521', 'nistp521', 'rsa-sha2-512'].map((word) =>
    sshString(word),
  ),
};

async function runKey(input: Uint8Array): Promise<number> {
  const key = await publicKeyOf(decodeSshKey(input));
  promised(equalBytes(written(key) ?? input, input), 'one encoding for one key');
  return key.spki.length;
}

/** RSA keys that are too small are read, and not written. */
function written(key: Awaited<ReturnType<typeof publicKeyOf>>): Uint8Array | undefined {
  try {
    return encodeSshKey(key);
  } catch (error) {
    if (isFailure(error, 'UNSUPPORTED') && key.keyType === 'RSA' && (key.bits ?? 0) < 2048) return undefined;
    throw error;
  }
}

function runSignature(input: Uint8Array): number {
  const found = decodeSshSignature(input);
  promised(equalBytes(encodeSshSignature(found), input), 'one encoding for one signature');
  return found.signature.length;
}

/** One key of each kind: the fuzzer's own, the base point of P-256 (SP 800-186 §3.2.1), and odd numbers. */
function keys(): readonly Uint8Array[] {
  const x = decodeHex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
  const y = decodeHex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5');
  const point = sshString(Uint8Array.of(4), x, y);
  const modulus = new Uint8Array(256).fill(0xc5);
  return [
    encodeSshKey(signer.publicKey),
    concat(sshString('ecdsa-sha2-nistp256'), sshString('nistp256'), point),
    concat(sshString('ssh-rsa'), sshUnsigned(Uint8Array.of(1, 0, 1)), sshUnsigned(modulus)),
  ];
}

function signatures(): readonly Uint8Array[] {
  return [
    encodeSshSignature({ algorithm: 'Ed25519', signature: new Uint8Array(64).fill(1) }),
    encodeSshSignature({ algorithm: 'ES256', signature: new Uint8Array(64).fill(0xff) }),
    encodeSshSignature({ algorithm: 'ES512', signature: new Uint8Array(132).fill(1) }),
    encodeSshSignature({ algorithm: 'RS512', signature: new Uint8Array(256).fill(2) }),
  ];
}
