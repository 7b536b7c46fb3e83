/**
 * The worker process: it starts a thread for each byte it is told, and ends when nobody is there any more.
 *
 * No thread of it waits for another. Each has a socket of its own to the application and loads the
 * module itself, so that a call goes from the application to the token by one hand-over.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** The descriptor of the first thread's socket; the others follow. */
const FIRST_SOCKET = 3;
/** How long threads may take to close their sessions. */
const CLOSE_MS = 500;

forbidDumps();
let threads = 0;
let text = '';
let config: unknown;

process.stdin.on('data', (chunk: Buffer) => {
  text += chunk.toString('utf8');
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    if (config === undefined) config = JSON.parse(line);
    else startThread();
  }
});
// Whether it closed us or died, nobody waits for what is still under way.
process.stdin.on('end', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_MS).unref());

function startThread(): void {
  const thread = new URL(import.meta.url);
  thread.pathname = thread.pathname.replace(/process(\.[jt]s)$/, 'thread$1');
  const socket = FIRST_SOCKET + threads;
  threads += 1;
  // A thread that fails says so on its socket; what fails before it can closes the process.
  new Worker(thread, { workerData: { socket, config } }).on('error', () => process.exit(70));
}

/** What a dump of this process would hold is the PIN, and keys of modules that are software. */
function forbidDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not Linux: the limit that the process was started with is all there is.
  }
}
