/**
 * Text that has a form of its own: days, languages, countries, addresses of mail, telephone numbers.
 *
 * @module
 */
import type { TextForm } from './fields.ts';

/** What is asked of a text. */
interface Form {
  /** What a field of this form is, for people. */
  readonly description: string;
  /** Whether the text is as the specification has it. */
  readonly holds: (text: string) => boolean;
  /** Whether the text is near enough to be written, with a warning. Default: as {@link holds}. */
  readonly admits?: (text: string) => boolean;
}

/** Two letters are no code of ISO 639-3, and yet the specification's own example has them. */
const isLetters = (text: string): boolean => /^[A-Za-z]{2,3}$/.test(text);

/** Every form. */
export const textForms: Readonly<Record<TextForm, Form>> = {
  date: { description: 'a day, as YYYYMMDD', holds: isDate },
  language: {
    description: 'a language, as ISO 639-3 has it',
    holds: (text) => /^[a-z]{3}$/.test(text),
    admits: isLetters,
  },
  country: {
    description: 'a country, as ISO 3166-1 alpha-2 or alpha-3 has it',
    holds: (text) => /^[A-Z]{2,3}$/.test(text),
    admits: isLetters,
  },
  email: {
    description: 'an address of electronic mail',
    // RFC 5321 §4.1.2 allows more than anybody has; what it never allows are spaces and a missing side.
    holds: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  },
  phone: {
    description: 'a telephone number, as E.123 has it',
    holds: (text) => /^[+(]?\d[\d ()/.-]*(?: ext\.? ?\d+)?$/.test(text),
  },
};

/** Whether text is YYYYMMDD and a day of the calendar. */
function isDate(text: string): boolean {
  if (!/^\d{8}$/.test(text)) return false;
  // Not by a `Date`, which takes a year below 100 for one of the last century.
  const month = Number(text.slice(4, 6));
  const day = Number(text.slice(6));
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(Number(text.slice(0, 4)), month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether text is a day as `claim169` 0.3 takes it: YYYYMMDD or YYYY-MM-DD. */
export function isLooseDate(text: string): boolean {
  return isDate(text) || (/^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text.replaceAll('-', '')));
}
