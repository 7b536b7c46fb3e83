// Google Cloud KMS on loopback, started once for a file of tests, with a key ring.
import type { GcpKms } from '@hardkey/emulators';
import { atEnd } from './at-end.ts';

/** The key ring of the tests. */
export const LOCATION = 'projects/hardkey-tests/locations/europe-west6';
export const RING = `${LOCATION}/keyRings/tests`;

/** How long an answer may take on a machine that has other things to do. */
export const PATIENT = { timeoutMs: 60_000 } as const;

let running: Promise<GcpKms> | undefined;

atEnd(async () => {
  await (await running)?.close();
});

/** The emulator. */
export function gcpEmulator(): Promise<GcpKms> {
  running ??= start();
  return running;
}

async function start(): Promise<GcpKms> {
  // When it is needed: gRPC reads what it trusts as soon as it is loaded.
  const { startGcpKms } = await import('@hardkey/emulators');
  const emulator = await startGcpKms();
  await addRing(emulator);
  return emulator;
}

/** Adds the key ring to an emulator, which only an administrator makes. */
export async function addRing({ url }: Pick<GcpKms, 'url'>): Promise<void> {
  const made = await fetch(`${url}/v1/${LOCATION}/keyRings?keyRingId=tests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!made.ok) throw new Error(`no key ring: ${await made.text()}`);
}
