// What a clerk is told: one of a few sentences, and never a half-verified person.
import {
  type Biometric,
  type Decoded,
  type DecodeOptions,
  type Identity,
  type Profile,
  type Trust,
  verifyText,
} from 'hardkey/formats/claim169/verify';

/** The colour of the answer. Only `good` is good; `none` says that nothing was found out. */
export type Tone = 'good' | 'late' | 'bad' | 'none';

/** The answer to one code. */
export interface Verdict {
  readonly tone: Tone;
  readonly title: string;
  readonly reason: string;
  /** What is left to do for whoever looks at the person. */
  readonly advice?: readonly string[];
  /** What was signed. Only where somebody who is trusted did sign it. */
  readonly decoded?: Decoded;
  /** What a colleague who is asked for help wants to know. */
  readonly detail?: string;
}

/** Verifies a text at a time, and says what that means. Never throws. */
export async function judge(text: string, trust: Trust, at: Date): Promise<Verdict> {
  try {
    const decoded = await verified(text, { trust, at, time: 'report' });
    return { ...inTime(decoded), advice: adviceOn(decoded, at), decoded };
  } catch (error) {
    return refused(error);
  }
}

/** In whichever dialect its issuer wrote it; the signature is held to the same keys in all of them. */
async function verified(text: string, options: DecodeOptions): Promise<Decoded> {
  try {
    return await verifyText(text, options);
  } catch (error) {
    const { actual } = (error as Refusal).details ?? {};
    if (actual !== 'mosip' && actual !== 'claim169-0.3') throw error;
    return verifyText(text, { ...options, profile: actual satisfies Profile });
  }
}

type Answer = Pick<Verdict, 'tone' | 'title' | 'reason'>;

function inTime({ meta, verification }: Decoded): Answer {
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

function adviceOn({ identity, verification, warnings }: Decoded, at: Date): readonly string[] {
  const person =
    photoOf(identity) === undefined
      ? 'Codes can be copied, and this one has no photo: ask who shows it for something that proves the name.'
      : 'Codes can be copied: compare the photo with who shows it.';
  const ahead = warnings.some(({ code }) => code === 'issued-in-future');
  const isEarly = ahead || verification.status === 'not-yet-valid';
  const clock = `The clock of this device says ${moment(at.getTime() / 1000)}. Is that right?`;
  return isEarly ? [clock, person] : [person];
}

/** The photo of a credential: an image of the face, or the field that version 1.2.1 replaces with it. */
export function photoOf({ face, photo, photoFormat }: Identity): Biometric | undefined {
  const image = face?.find(({ format = 0 }) => format === 0);
  if (image !== undefined || photo === undefined) return image;
  // The formats of the old field count from 1, and agree from JPEG on.
  return { data: photo, format: 0, ...(photoFormat !== undefined && { subFormat: photoFormat }) };
}

/** Failures carry a code, and what failed. */
interface Refusal {
  readonly code?: string;
  readonly message?: string;
  readonly details?: { readonly check?: string; readonly field?: string; readonly actual?: string };
}

function refused(error: unknown): Verdict {
  const { code, message = '', details } = (error ?? {}) as Refusal;
  const detail = [code, details?.check ?? details?.field, message].filter(Boolean).join(' · ');
  return { ...answerTo(code, details), detail };
}

function answerTo(code: string | undefined, details: Refusal['details']): Answer {
  if (code === 'VERIFICATION_FAILED') {
    const [title, reason] = REFUSALS[details?.check ?? ''] ?? OTHER_REFUSAL;
    return { tone: 'bad', title, reason };
  }
  const none = (title: string, reason: string): Answer => ({ tone: 'none', title, reason });
  if (code === 'MALFORMED')
    return none('Not an identity code', 'This is another kind of code, or it is damaged.');
  if (details?.field === 'decryptWith')
    return none(
      'Encrypted',
      'Only who has its key can read it, and this page has none. Nothing was checked.',
    );
  if (code === 'UNSUPPORTED')
    return none('Cannot be checked here', 'It is of a kind that this page does not know.');
  return none('Cannot be checked', 'This page could not check the code. Try again, or ask for help.');
}

type Words = readonly [title: string, reason: string];

const UNKNOWN: Words = ['Unknown issuer', 'It was not signed by anybody whom this page trusts.'];
const OTHER_REFUSAL: Words = [
  'Not valid',
  'Its signature, or the certificate of who signed it, does not count.',
];
/** By the check that failed; docs/guides/trust.md of hardkey has them all. */
const REFUSALS: Readonly<Record<string, Words>> = {
  signature: ['Forged or changed', 'It is not what the issuer signed. Do not accept it.'],
  'key.known': UNKNOWN,
  'issuer.known': UNKNOWN,
  'x509.name': UNKNOWN,
  'x509.signature': UNKNOWN,
  'x509.root': UNKNOWN,
  'x509.anchor-key': UNKNOWN,
  'key.revoked': ['Withdrawn', 'The key that signed it was withdrawn.'],
  'key.active': ['Withdrawn', 'The key that signed it is no longer in use.'],
  'key.not-after': ['Not valid any more', 'The time of the key that signed it is over.'],
  'key.not-before': ['Not valid yet', 'The key that signed it is not in use yet.'],
  'x509.not-after': ['Not valid any more', 'The time of the certificate of who signed it is over.'],
  'x509.not-before': ['Not valid yet', 'The certificate of who signed it does not hold yet.'],
  'x509.valid-at-issue': ['Not valid', 'It was made when the certificate of who signed it did not hold.'],
};

/** A moment as the language of the device says it. */
function moment(seconds: number | undefined): string {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return date.toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' });
}
