/**
 * Whether one key may verify now, and whether it signed.
 *
 * @module
 */
import { isGenuine } from '../verify.ts';
import type { TrustedKey } from './trust.ts';
import type { Check, SignedBytes } from './verify-trusted.ts';

interface Rule {
  readonly name: string;
  readonly message: string;
  readonly holds: (key: TrustedKey, given: SignedBytes, at: number) => boolean;
  /** Something to know about a check that passed. */
  readonly note?: (key: TrustedKey) => string | undefined;
}

/** In the order they are reported; the signature comes last. */
const RULES: readonly Rule[] = [
  { name: 'key.known', message: 'no trusted key has this name', holds: () => true },
  {
    name: 'key.algorithm',
    message: 'the key is not trusted for this algorithm',
    holds: ({ algorithms }, { algorithm }) => algorithms.includes(algorithm),
  },
  { name: 'key.active', message: 'the key is not active', holds: ({ inactive }) => inactive !== true },
  {
    name: 'key.not-before',
    message: 'the key is not yet valid',
    holds: ({ notBefore }, _, at) => notBefore === undefined || at >= notBefore,
  },
  {
    name: 'key.not-after',
    message: 'the key has expired',
    holds: ({ notAfter }, _, at) => notAfter === undefined || at <= notAfter,
  },
  {
    name: 'key.revoked',
    message: 'the key was revoked',
    holds: ({ revokedAt }, _, at) => revokedAt === undefined || at < revokedAt,
    note: ({ revokedAt }) =>
      revokedAt === undefined ? undefined : 'the key is revoked from a later time on',
  },
];

const SIGNATURE = { name: 'signature', message: 'the signature is not valid' };

/**
 * Every check of one key, at a time in Unix seconds. The signature is not tried with a wrong algorithm. At
 * once where the runtime verifies at once.
 */
export function judge(
  key: TrustedKey,
  given: SignedBytes,
  at: number,
): readonly Check[] | Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { name, holds, note } of RULES) {
    const passed = holds(key, given, at);
    const detail = passed ? note?.(key) : undefined;
    checks.push(detail === undefined ? { name, passed } : { name, passed, detail });
  }
  if (!key.algorithms.includes(given.algorithm)) return checks;
  const genuine = isGenuine(key.publicKey, given.algorithm, given.message, given.signature);
  const withSignature = (passed: boolean): readonly Check[] => {
    checks.push({ name: SIGNATURE.name, passed });
    return checks;
  };
  return genuine instanceof Promise ? genuine.then(withSignature) : withSignature(genuine);
}

/** What to say of a check that failed. */
export function messageOf(check: string): string {
  return [...RULES, SIGNATURE].find(({ name }) => name === check)?.message ?? 'not trusted';
}
