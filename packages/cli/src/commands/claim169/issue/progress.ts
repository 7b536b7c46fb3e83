/**
 * How far a run is, on one line.
 *
 * @module
 */
import type { Output } from '../../../output.ts';

/** How far it is. */
export interface State {
  /** Records that were worked on in this part of the run, good or bad. */
  readonly done: number;
  readonly failed: number;
  /** Bytes of the input that were worked on. */
  readonly bytes: number;
}

/** Shows how far it is; does nothing where nobody sees it. */
export interface Progress {
  show(state: State): void;
  clear(): void;
}

const WIDTH = 20;
const PAUSE_MS = 200;

/** A line of progress for an input of `size` bytes; without it there is neither a bar nor a remaining time. */
export function progressOn({ progress }: Output, size: number | undefined): Progress {
  if (progress === undefined) return { show: () => undefined, clear: () => undefined };
  let first: (State & { readonly at: number }) | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(state) {
      const now = performance.now();
      // Neither an earlier part of the run nor the start of this one says how fast it is.
      first ??= { ...state, at: now };
      if (now - shownAt < PAUSE_MS) return;
      shownAt = now;
      const { done, bytes } = first;
      progress(progressLine(state, { seconds: (now - first.at) / 1000, done, bytes, size }));
    },
    clear: () => progress(''),
  };
}

/** How far it was when it was first shown, and how long ago that is. */
interface Course {
  readonly seconds: number;
  readonly done: number;
  readonly bytes: number;
  readonly size: number | undefined;
}

/** The line. */
function progressLine({ done, failed, bytes }: State, { seconds, size, ...before }: Course): string {
  const rate = `${Math.round((done - before.done) / Math.max(seconds, 0.001))}/s`;
  const counts = [`${done} done`, ...(failed === 0 ? [] : [`${failed} failed`]), rate];
  if (size === undefined) return counts.join(', ');
  const share = Math.min(1, bytes / size);
  const filled = Math.floor(share * WIDTH);
  const bar = `[${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${Math.floor(share * 100)} %`;
  const worked = bytes - before.bytes;
  const left = worked <= 0 ? [] : [`${durationText((seconds * (size - bytes)) / worked)} left`];
  return `${bar}  ${[...counts, ...left].join(', ')}`;
}

function durationText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
