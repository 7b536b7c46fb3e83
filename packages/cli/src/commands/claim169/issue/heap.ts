/**
 * The memory of a long run.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/** Megabytes for new objects, three times over: what a thread takes and gives up again in a few records. */
const NEW_OBJECTS_MB = 4;

/**
 * What a thread of this process may have. What a record takes is garbage with its credential; left to
 * itself the runtime would let it grow with the memory of the machine before it looks.
 */
export const THREAD_LIMITS: ResourceLimits = {
  maxYoungGenerationSizeMb: 3 * NEW_OBJECTS_MB,
  maxOldGenerationSizeMb: 128,
};

/**
 * Keeps the space for new objects as large as it is, and gives threads that are started later all of
 * theirs. The runtime doubles it whenever enough objects have outlived a collection, in the first thread
 * to a hundred megabytes: in a run of a million records that comes to pass however few are held at a time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--min-semi-space-size=${NEW_OBJECTS_MB}`);
}
