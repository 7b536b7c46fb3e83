// Processes that do things to one store at the same time.
import { program, type Start } from './crash.ts';

/** What is done, to which key, and to which state. */
export type Act = readonly [
  'create' | 'import' | 'rotate' | 'setState' | 'destroy',
  string,
  ('active' | 'suspended' | 'compromised')?,
];

/** What one process does. */
export interface Task {
  readonly store: string;
  readonly passphrase?: string;
  readonly acts: readonly Act[];
  /** Number of the step at which it is killed. */
  readonly dies?: number;
}

/** How one act ended: what it made, or the code of its failure. */
export interface Ended {
  readonly what: string;
  readonly ref: string;
  readonly done: boolean;
  readonly result: string;
}

/** Prepares the processes. All of a race begin when the last of them is ready. */
export async function racer(): Promise<(tasks: readonly Task[]) => Promise<readonly Ended[]>> {
  const start = await program('race-child.ts');
  return async (tasks) => {
    const running = tasks.map((task) => run(start, task));
    await Promise.all(running.map(({ ready }) => ready));
    for (const { go } of running) go();
    const said = await Promise.all(running.map(({ end }) => end));
    return said.flatMap((text) => text.split('\n').flatMap(endedOf));
  };
}

function run(start: Start, task: Task) {
  const child = start(task);
  let said = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Uint8Array) => {
      said += String(data);
      if (said.startsWith('ready\n')) resolve();
    });
    child.on('close', () => resolve());
  });
  const end = new Promise<string>((resolve) => child.on('close', () => resolve(said)));
  return { ready, end, go: () => child.stdin.end('go') };
}

function endedOf(line: string): readonly Ended[] {
  const [, what = '', ref = '', how, result = ''] = /^(\w+) (\S+) (done|failed) (.*)$/.exec(line) ?? [];
  return how === undefined ? [] : [{ what, ref, done: how === 'done', result }];
}
