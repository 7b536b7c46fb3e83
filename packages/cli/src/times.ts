/**
 * Points in time and lengths of it, as the user writes them.
 *
 * @module
 */
import { Failure } from 'hardkey';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** No credential needs more, and beyond it a typing error hides. */
const LONGEST_YEARS = 200;

/** Seconds of `90s`, `15m`, `12h`, `30d` or `1y`; a year is 365 days. */
export function parseDuration(text: string, field: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,10})([smhdy])$/.exec(text) ?? [];
  const seconds = Number(digits) * (SECONDS[unit] ?? 0);
  if (seconds > 0 && seconds <= LONGEST_YEARS * 31_536_000) return seconds;
  throw new Failure('ARGUMENT_INVALID', 'not a length of time, such as 90s, 15m, 12h, 30d or 1y', { field });
}

const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A time of RFC 3339 §5.6, with its offset from UTC. */
export function parseTime(text: string, field: string): Date {
  const [, day = '', clock = ''] = TIME.exec(text) ?? [];
  const time = new Date(text);
  if (day !== '' && !Number.isNaN(time.getTime()) && isOnCalendar(`${day}T${clock}`)) return time;
  throw new Failure('ARGUMENT_INVALID', 'not a time, such as 2026-01-31T12:00:00Z', { field });
}

/** The runtime turns 30 February into 2 March. */
function isOnCalendar(local: string): boolean {
  const time = new Date(`${local}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(local);
}
