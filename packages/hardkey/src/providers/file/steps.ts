/**
 * The steps of a write, named: a test stops the process at each of them, or leaves one out.
 *
 * @module
 */

/** What happens to the disk, in order. */
export type Step = 'write' | 'fsync-file' | 'publish' | 'remove' | 'fsync-folder';

/** Called before each step with the file it is about; returning false leaves the step out. */
export type StepHook = (step: Step, path: string) => boolean;

let hook: StepHook = () => true;

/** Replaces the hook. For the tests of this provider. */
export function observeSteps(observer: StepHook): void {
  hook = observer;
}

/** Runs one step. */
export function take(step: Step, path: string, act: () => void): void {
  if (hook(step, path)) act();
}
