/**
 * Whether a signer's certificate was valid when the document says it was made. That time is the
 * document's own word, so it never makes anything valid: it only refuses what contradicts itself.
 *
 * @module
 */
import type { Trust, Trusted } from '../../core/trust/trust.ts';
import { Failure, isFailure } from '../../errors.ts';

/** Name of the check. */
const VALID_AT_ISSUE = 'x509.valid-at-issue';

/** The period of a certificate, in Unix seconds, both ends inclusive. */
interface Period {
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** Adds the check where a certificate says who signed. Throws `VERIFICATION_FAILED` when it does not pass. */
export function checkIssue(trusted: Trusted, issuedAt: () => number | undefined): Trusted {
  const { key, checks } = trusted;
  if (key.certificate === undefined) return trusted;
  const time = issuedAt();
  if (time === undefined) return trusted;
  const wrong = contradiction(key, time);
  if (wrong !== undefined) throw refused(wrong);
  return { key, checks: [...checks, { name: VALID_AT_ISSUE, passed: true }] };
}

/** A certificate that is out of its time now: was it so already when the document was made? That says more. */
export async function refineFailure(failure: unknown, evidence: Evidence): Promise<unknown> {
  if (!isFailure(failure, 'VERIFICATION_FAILED')) return failure;
  const { check = '' } = failure.details;
  if (!OUT_OF_TIME.includes(check)) return failure;
  const time = timeOf(evidence);
  const period = time === undefined ? undefined : await periodOf(evidence, failure.details.keyId);
  const wrong = time === undefined || period === undefined ? undefined : contradiction(period, time);
  return wrong === undefined ? failure : refused(wrong, failure);
}

/** Where the signer's certificate may be found. */
interface Evidence {
  readonly trust: Trust;
  readonly x5chain: readonly Uint8Array[] | undefined;
  readonly issuedAt: () => number | undefined;
}

const OUT_OF_TIME: readonly string[] = [
  'x509.not-before',
  'x509.not-after',
  'key.not-before',
  'key.not-after',
];

/** Nothing is verified at this point: a payload that cannot be read leaves the failure as it was. */
function timeOf({ issuedAt }: Evidence): number | undefined {
  try {
    return issuedAt();
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

async function periodOf(
  { trust, x5chain }: Evidence,
  keyId: string | undefined,
): Promise<Period | undefined> {
  const [leaf] = x5chain ?? [];
  if (leaf !== undefined) {
    const { parseCertificate } = await import('../../core/x509/certificate.ts');
    return parseCertificate(leaf);
  }
  return trust.keys.find((key) => key.certificate !== undefined && (key.keyId ?? key.publicKey.id) === keyId);
}

function contradiction({ notBefore, notAfter }: Period, time: number): string | undefined {
  if (notAfter !== undefined && time > notAfter) return 'the signer certificate had expired before issue';
  if (notBefore !== undefined && time < notBefore) return 'issued before the signer certificate was valid';
  return undefined;
}

function refused(message: string, cause?: Failure): Failure<'VERIFICATION_FAILED'> {
  return new Failure('VERIFICATION_FAILED', message, { check: VALID_AT_ISSUE, field: 'x509.0' }, cause);
}
