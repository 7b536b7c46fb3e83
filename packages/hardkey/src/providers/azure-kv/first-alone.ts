/**
 * The first call of a client goes alone. To learn where tokens come from, the SDK sends it without its body
 * and without a token, and remembers the body until the service has answered. A second call meanwhile takes
 * that place, and the first one is then sent with a token, and still without its body.
 *
 * @module
 */

/** Lets calls through. */
export type Gate = <T>(signal: AbortSignal, act: () => Promise<Passed<T>>) => Promise<T>;

/** How a call ended. */
export interface Passed<T> {
  /** The service answered to a token: there is nothing to learn any more. */
  readonly isAnswered: boolean;
  readonly outcome: () => T;
}

/** A gate for the calls of one client. */
export function firstAlone(): Gate {
  let isOpen = false;
  let first: Promise<unknown> | undefined;
  return async (signal, act) => {
    while (!isOpen && first !== undefined) {
      await first;
      signal.throwIfAborted();
    }
    if (isOpen) return (await act()).outcome();
    const going = act();
    first = going;
    const { isAnswered, outcome } = await going;
    first = undefined;
    isOpen = isAnswered;
    return outcome();
  };
}
