/**
 * From a failure to one line on standard error and an exit status.
 *
 * @module
 */
import { Failure, failureRow, isFailure } from 'hardkey';
import { oneLine } from './render.ts';

/** How the process ends. */
export interface Ending {
  readonly status: number;
  /** What standard error gets, without a line end. */
  readonly text: string;
}

/** A failure as it leaves the process, or a thread. */
export type Refusal = ReturnType<Failure['toJSON']>;

/** A failure again. */
export function failureOf({ code, message, details }: Refusal): Failure {
  return new Failure(code, message, details);
}

/** Exit status of a defect: EX_SOFTWARE of sysexits.h. */
const DEFECT = 70;

/** What a caught value says. Never a stack, and of a defect not its message, which may quote anything. */
export function endingOf(error: unknown, json: boolean): Ending {
  if (!isFailure(error)) return ending(DEFECT, 'DEFECT', `a defect of hardkey: ${placeOf(error)}`, {}, json);
  const { code, message, details } = error;
  return ending(failureRow(code).exit, code, message, { ...details }, json);
}

/** A failure in a line of a result. */
export function failureText(failure: Failure): string {
  return endingOf(failure, false).text.replace(/^hardkey: /, '');
}

/** What is said of one of many that failed: the same, with the line of the input that it stands on. */
export function refusalText({ code, message, details }: Refusal, line: number, json: boolean): string {
  return ending(0, code, message, { line, ...details }, json).text;
}

function ending(
  status: number,
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>>,
  json: boolean,
): Ending {
  if (json) return { status, text: JSON.stringify({ error: { code, message, details } }) };
  const names = Object.entries(details).map(([name, value]) => ` ${name}=${oneLine(String(value))}`);
  return { status, text: `hardkey: ${oneLine(message, true)} (${code}${names.join('')})` };
}

/** The class of an error, its code, and where it was thrown: enough to find it. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  const frame = error.stack?.split('\n').find((line) => /^ +at /.test(line) && !line.includes('node:'));
  const [, file = '', line = ''] = /([^/\s]+):(\d+):\d+\)?$/.exec(frame ?? '') ?? [];
  return `${error.name}${code}${file === '' ? '' : ` at ${file}:${line}`}`;
}
