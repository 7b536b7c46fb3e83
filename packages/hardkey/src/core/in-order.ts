/**
 * Work on many things at once, with the results in the order of the things.
 *
 * @module
 */

/** Things to work on, which may come one by one. */
export type Source<T> = AsyncIterable<T> | Iterable<T>;

/** How much room there is. */
export interface Room {
  /** Things that are worked on at the same time. */
  readonly atOnce: number;
  /** Things that are worked on, or are done and wait for one before them. At least {@link atOnce}. */
  readonly held: number;
}

/**
 * Yields the result of `work` for each of `source`, in their order. No more than `room` allows is read
 * ahead, so memory is bounded by it, whoever is slow.
 *
 * What `work` or `source` throws is thrown in its place in that order. Then, and when the consumer
 * stops, the signal is aborted, what runs is waited for and `source` is closed.
 */
export async function* inOrder<T, R>(
  source: Source<T>,
  room: Room,
  work: (thing: T, index: number, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const things = iteratorOf(source);
  const stop = new AbortController();
  const started: Promise<R>[] = [];
  const [changed, change] = turnstile();
  const [freed, free] = turnstile();
  let running = 0;
  let ended = false;
  let reading = false;

  async function take(): Promise<void> {
    reading = true;
    const next = await things.next().finally(() => {
      reading = false;
    });
    if (stop.signal.aborted || next.done === true) ended = true;
    else start(next.value);
  }

  let index = 0;
  function start(thing: T): void {
    running += 1;
    const result = work(thing, index++, stop.signal).finally(() => {
      running -= 1;
      free();
    });
    push(result);
  }

  function push(result: Promise<R>): void {
    // It is looked at when its turn comes, which may be later than it is rejected.
    result.catch(() => undefined);
    started.push(result);
    change();
  }

  async function readAhead(): Promise<void> {
    try {
      while (!ended && !stop.signal.aborted) {
        if (running < room.atOnce && started.length < room.held) await take();
        else await freed();
      }
    } catch (error) {
      push(Promise.reject(error));
    }
    ended = true;
    change();
  }

  const reader = readAhead();
  try {
    for (;;) {
      while (started.length === 0 && !ended) await changed();
      const [first] = started;
      if (first === undefined) return;
      const result = await first;
      void started.shift();
      free();
      yield result;
    }
  } finally {
    stop.abort();
    free();
    await Promise.allSettled(started);
    const closing = close(things);
    // A source that is being read answers when it has something: nobody waits for that any more.
    if (reading) closing.catch(() => undefined);
    else await Promise.all([reader, closing]);
  }
}

function iteratorOf<T>(source: Source<T>): AsyncIterator<T, unknown, undefined> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  const things = source[Symbol.iterator]();
  return {
    next: async () => things.next(),
    return: async () => things.return?.() ?? { done: true, value: undefined },
  };
}

async function close(things: AsyncIterator<unknown, unknown, undefined>): Promise<void> {
  await things.return?.();
}

/** One waits until another lets it through. To let through before anybody waits counts for the next. */
function turnstile(): readonly [wait: () => Promise<void>, open: () => void] {
  let gate = Promise.withResolvers<void>();
  return [
    async () => {
      await gate.promise;
      gate = Promise.withResolvers<void>();
    },
    () => gate.resolve(),
  ];
}
