// What a runtime says of every signature of Wycheproof and of the Ed25519 edge cases, by both branches of
// `#crypto`. As a program it prints what it found: `node verdicts.ts WYCHEPROOF ED25519`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { algorithm, type SignatureAlgorithm } from '../../src/core/algorithms.ts';
import { isEd25519Signature } from '../../src/core/crypto/ed25519.ts';
import * as web from '../../src/core/crypto/web.ts';
import { importPublicKey } from '../../src/core/import-public-key.ts';
import type { PublicKey } from '../../src/core/public-key.ts';
import { isGenuine } from '../../src/core/verify.ts';
import { ecdsaFromDer } from '../../src/encoding/ecdsa.ts';
import { decodeHex } from '../../src/encoding/hex.ts';
import { isFailure } from '../../src/errors.ts';

/** `true` and `false` of the two branches, or the code of the failure that came first. */
export type Verdict = readonly [node: boolean | string, web: boolean | string];

/** One signature, and where it comes from. */
export interface Judged {
  readonly name: string;
  /** What the vector itself says. Absent where it says nothing. */
  readonly valid?: boolean;
  readonly verdict: Verdict;
}

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKeyDer: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

interface EdgeCase {
  readonly id: number;
  readonly message: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** The files of Wycheproof that are read, and how their signatures are written. */
const FILES = [
  ['ecdsa_secp256r1_sha256_p1363', 'ES256', (sig: Uint8Array) => sig],
  ['ecdsa_secp256r1_sha256', 'ES256', (sig: Uint8Array) => ecdsaFromDer(sig, 64)],
  ['ed25519', 'Ed25519', (sig: Uint8Array) => sig],
] as const;

/** Everything this runtime says. */
export async function judgeAll(wycheproof: string, ed25519: string): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const [file, name, read] of FILES) {
    const { testGroups } = parse(join(wycheproof, `${file}_test.json`)) as Wycheproof;
    for (const { publicKeyDer, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        const verdict = await judge(name, decodeHex(publicKeyDer), decodeHex(msg), () =>
          read(decodeHex(sig)),
        );
        judged.push({ name: `${file} ${tcId}`, valid: result === 'valid', verdict });
      }
    }
  }
  for (const edge of parse(join(ed25519, 'edge-cases.json')) as readonly EdgeCase[]) {
    const signature = () => decodeHex(edge.signature);
    const verdict = await judge('Ed25519', `ed25519:${edge.publicKey}`, decodeHex(edge.message), signature);
    judged.push({ name: `edge case ${edge.id}`, verdict });
  }
  return judged;
}

async function judge(
  name: SignatureAlgorithm,
  source: string | Uint8Array,
  message: Uint8Array,
  signatureOf: () => Uint8Array,
): Promise<Verdict> {
  try {
    const signature = signatureOf();
    const key = await importPublicKey(source);
    await web.checkKey(key);
    return [await isGenuine(key, name, message, signature), await onWeb(key, name, message, signature)];
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return [failure.code, failure.code];
  }
}

/** What `isGenuine` does where `#crypto` is WebCrypto: the form first, then the runtime. */
async function onWeb(
  key: PublicKey,
  name: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const wellFormed = name === 'Ed25519' ? isEd25519Signature(signature) : signature.length === 64;
  return wellFormed && (await web.verifySignature(key, algorithm(name), message, signature));
}

function parse(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const [, , wycheproof = '', ed25519 = ''] = process.argv;
  process.stdout.write(JSON.stringify(await judgeAll(wycheproof, ed25519)));
}
