// The same on a real file system, where the machine lets a disk be mounted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { crasher } from './crash.ts';
import {
  AFTER,
  type Contents,
  contentsOf,
  isSame,
  isWhole,
  type Operation,
  type Order,
} from './operations.ts';
import { type Disk, makeDisk } from './power-cut.ts';
import { openKeys } from './support.ts';

// A cut takes a while, and root: elsewhere than in CI one operation stands for all.
const OPERATIONS: readonly Operation[] =
  process.env['HARDKEY_CRASH_ROUNDS'] === undefined
    ? ['setState']
    : ['create', 'rotate', 'setState', 'destroy'];

const NEVER = 1000;

const crash = await crasher();

const disk = makeDisk();
after(() => typeof disk === 'string' || disk.remove());

/** Runs with the disk. Where there is none the model of lost pages is the only witness, and not a bad one. */
async function onDisk(t: TestContext, run: (disk: Disk) => Promise<void>): Promise<void> {
  if (typeof disk === 'string') t.diagnostic(`no disk on this machine: ${disk}`);
  else await run(disk);
}

/** The end of a cut at a step: what was said, and what the store holds. */
interface Cut {
  readonly said: string;
  readonly found: Contents | undefined;
}

let stores = 0;

/** Cuts the power at a step of an operation on a new store. */
async function cutAt(disk: Disk, order: Omit<Order, 'store'>): Promise<Cut> {
  const store = join(disk.folder, String(stores++));
  await openKeys(store).create('file:old', { algorithm: 'Ed25519' });
  disk.sync();
  const said = await crash({ store, ...order });
  disk.cut();
  return { said, found: await contentsOf({ store }).catch(() => undefined) };
}

function isLost(operation: Operation, { said, found }: Cut): boolean {
  if (found === undefined) return true;
  return said === 'acknowledged' ? !isSame(found, AFTER[operation]) : !isWhole(found, operation);
}

for (const operation of OPERATIONS) {
  test(`when a disk loses power, ${operation} is done or not done`, (t) =>
    onDisk(t, async (disk) => {
      for (let at = 0, said = ''; said !== 'acknowledged'; at++) {
        const cut = await cutAt(disk, { operation, at });
        assert.ok(!isLost(operation, cut), `${at} ${JSON.stringify(cut)}`);
        said = cut.said;
      }
    }));

  test(`when a disk loses power, ${operation} without an fsync loses the store`, (t) =>
    onDisk(t, async (disk) => {
      for (const leaveOut of ['fsync-file', 'fsync-folder'] as const) {
        const cut = await cutAt(disk, { operation, at: NEVER, leaveOut });
        t.diagnostic(`without ${leaveOut} it is acknowledged, and then holds ${JSON.stringify(cut.found)}`);
        assert.ok(isLost(operation, cut), leaveOut);
      }
    }));
}
