// Keeps the page on the device: after the first visit it works without a network. The keys are fetched
// anew whenever there is one.

/** What a service worker is, as far as it is used here; the library of pages does not say. */
interface WorkerScope {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate' | 'fetch', listener: (event: WorkerEvent) => void): void;
}

interface WorkerEvent {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

/** Put in by the build: a name that changes with the files, and every file. */
declare const VERSION: string;
declare const FILES: readonly string[];

const KEYS = 'trust.json';
const PATIENCE_MS = 4000;
const worker = globalThis as unknown as WorkerScope;

worker.addEventListener('install', (event) => event.waitUntil(keep()));
worker.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
worker.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(respond(event.request));
});

async function keep(): Promise<void> {
  const cache = await caches.open(VERSION);
  // Not out of the browser's own cache, which may hold files of an older version.
  await cache.addAll(FILES.map((name) => new Request(name, { cache: 'reload' })));
  await worker.skipWaiting();
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function respond(request: Request): Promise<Response> {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (new URL(request.url).pathname.endsWith(`/${KEYS}`)) return newestKeys(request, cache, kept);
  return kept ?? fetch(request);
}

/** The keys from the network, or as they were when they could last be fetched. */
async function newestKeys(request: Request, cache: Cache, kept: Response | undefined): Promise<Response> {
  try {
    // A network that does not answer is no network.
    const answer = await fetch(
      request,
      kept === undefined ? {} : { signal: AbortSignal.timeout(PATIENCE_MS) },
    );
    if (answer.ok) await cache.put(request, answer.clone());
    return answer.ok ? answer : (kept ?? answer);
  } catch (error) {
    if (kept !== undefined) return kept;
    throw error;
  }
}
