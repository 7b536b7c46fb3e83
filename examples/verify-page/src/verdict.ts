// What a clerk is told: one of a few sentences, and never a half-verified person.
import { type Decoded, type Trust, verifyText } from 'hardkey/formats/claim169/verify';

/** The colour of the answer. Only `good` is good. */
export type Tone = 'good' | 'late' | 'bad';

/** The answer to one code. */
export interface Verdict {
  readonly tone: Tone;
  readonly title: string;
  readonly reason: string;
  /** What was signed. Only where somebody who is trusted did sign it. */
  readonly decoded?: Decoded;
  /** What a colleague who is asked for help wants to know. */
  readonly detail?: string;
}

/** Verifies a text at a time, and says what that means. Never throws. */
export async function judge(text: string, trust: Trust, at: Date): Promise<Verdict> {
  try {
    const decoded = await verifyText(text, { trust, at, time: 'report' });
    return { ...inTime(decoded), decoded };
  } catch (error) {
    return refused(error);
  }
}

function inTime({ meta, verification }: Decoded): Verdict {
  switch (verification.status) {
    case 'verified':
      return {
        tone: 'good',
        title: 'Valid',
        reason:
          meta.expiresAt === undefined
            ? 'Genuine. It does not expire.'
            : `Genuine, until ${moment(meta.expiresAt)}.`,
      };
    case 'expired':
      return { tone: 'late', title: 'Expired', reason: `Genuine, but only until ${moment(meta.expiresAt)}.` };
    case 'not-yet-valid':
      return {
        tone: 'late',
        title: 'Not valid yet',
        reason: `Genuine, but only from ${moment(meta.notBefore)}.`,
      };
    default:
      return { tone: 'bad', title: 'Not signed', reason: 'Anybody may have made this code.' };
  }
}

/** Failures carry a code, and what failed. */
interface Refusal {
  readonly code?: string;
  readonly message?: string;
  readonly details?: { readonly check?: string; readonly field?: string };
}

function refused(error: unknown): Verdict {
  const { code, message = '', details } = (error ?? {}) as Refusal;
  const detail = [code, details?.check ?? details?.field, message].filter(Boolean).join(' · ');
  const bad = (title: string, reason: string): Verdict => ({ tone: 'bad', title, reason, detail });
  if (code === 'VERIFICATION_FAILED')
    return bad('Not valid', REASONS[details?.check ?? ''] ?? UNKNOWN_SIGNER);
  if (code === 'MALFORMED')
    return bad('Not an identity code', 'This is another kind of code, or it is damaged.');
  if (details?.field === 'decryptWith')
    return bad('Cannot be read here', 'It is encrypted, and this page has no key.');
  if (code === 'UNSUPPORTED')
    return bad('Cannot be read here', 'It is of a kind that this page does not know.');
  return bad('Cannot be checked', 'This page could not check the code. Try again, or ask for help.');
}

const UNKNOWN_SIGNER = 'It was not signed by anyone whose key this page trusts.';
const REASONS: Readonly<Record<string, string>> = {
  signature: 'It is forged, was changed, or was signed by somebody whose key this page does not trust.',
  'key.revoked': 'The key that signed it was withdrawn.',
  'key.active': 'The key that signed it is no longer in use.',
  'key.not-after': 'The key that signed it has ended.',
  'key.not-before': 'The key that signed it was not yet in use.',
};

/** A moment as the language of the device says it. */
function moment(seconds: number | undefined): string {
  if (seconds === undefined) return 'an unknown time';
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' });
}
