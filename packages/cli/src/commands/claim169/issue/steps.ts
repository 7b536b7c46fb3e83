/**
 * The steps from a signature to an issued credential, named: a test stops the process at each of them.
 *
 * @module
 */

/** What happens, in order, to the credentials of one commit. */
export type Step = 'signed' | 'write' | 'sync' | 'publish' | 'sync-folder' | 'record' | 'issued';

let hook: (step: Step) => void = () => undefined;

/** Replaces the hook. For the tests of this command. */
export function observeSteps(observer: (step: Step) => void): void {
  hook = observer;
}

/** Says that a step is about to be taken. */
export function atStep(step: Step): void {
  hook(step);
}
