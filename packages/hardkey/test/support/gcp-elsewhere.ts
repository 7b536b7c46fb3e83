// Google Cloud KMS in a process of its own, for tests that wait for another, or that gRPC must not be loaded for.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from './at-end.ts';
import { addRing } from './gcp.ts';

/** Where an emulator listens. */
export interface Elsewhere {
  readonly port: number;
  /** Of REST. */
  readonly url: string;
  /** The authority, with TLS. */
  readonly ca?: string;
}

const children: ChildProcess[] = [];
atEnd(stopElsewhere);

/** Stops what was started: where no test runner does. */
export function stopElsewhere(): void {
  for (const child of children) child.kill();
}

/** Starts one, with the key ring of the tests. It ends with the tests of the file. */
export async function startElsewhere({ tls = false } = {}): Promise<Elsewhere> {
  const program = `
    import { startGcpKms } from '@hardkey/emulators';
    const { port, url, ca } = await startGcpKms({ tls: ${tls} });
    console.log(JSON.stringify({ port, url, ca }));`;
  const { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: _, ...env } = process.env;
  const args = ['--conditions=@hk/source', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const place = JSON.parse(line.toString()) as Elsewhere;
  await addRing(place);
  return place;
}
