// What the runtime that this is loaded in says of every case. It is the product that judges: on Node by
// node:crypto, and in a bundle for browsers by WebCrypto, wherever that bundle then runs.
import { runtime } from '#crypto';
import { importPublicKey } from '../../../src/core/import-public-key.ts';
import { isGenuine } from '../../../src/core/verify.ts';
import { ecdsaFromDer } from '../../../src/encoding/ecdsa.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { isFailure } from '../../../src/errors.ts';
import type { Case, Verdict } from './cases.ts';

/** Everything a runtime says. */
export interface Judged {
  /** As it names itself. */
  readonly runtime: string;
  /** By the name of the case. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** What it says of the algorithms that it lacks, by their name. */
  readonly lacking: Readonly<Record<string, string>>;
}

/** Judges them all. */
export async function run(cases: readonly Case[]): Promise<Judged> {
  const verdicts: Record<string, Verdict> = {};
  const lacking: Record<string, string> = {};
  const known = cases.find(({ algorithm, expected }) => algorithm === 'Ed25519' && expected[0] === true);
  // libsodium is asked from the seventeenth on: let it be the one that judges.
  for (let times = 0; known !== undefined && times < 16; times++) await judge(known);
  for (const one of cases) {
    try {
      verdicts[one.name] = await judge(one);
    } catch (failure) {
      if (!isFailure(failure, 'MALFORMED') && !isFailure(failure, 'UNSUPPORTED')) throw failure;
      verdicts[one.name] = failure.code;
      if (failure.code === 'UNSUPPORTED') lacking[one.algorithm] = failure.message;
    }
  }
  return { runtime, verdicts, lacking };
}

async function judge({ algorithm, key, message, signature, der }: Case): Promise<boolean> {
  const bytes = der ? ecdsaFromDer(decodeHex(signature), 64) : decodeHex(signature);
  const publicKey = await importPublicKey(key.startsWith('ed25519:') ? key : decodeHex(key));
  const right = await isGenuine(publicKey, algorithm, decodeHex(message), bytes);
  const aside = await isGenuine(publicKey, algorithm, decodeHex(message), bytes, true);
  if (aside === right) return right;
  throw new Error('another thread comes to another verdict');
}
