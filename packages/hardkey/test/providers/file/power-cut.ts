// A file system on a disk of its own that loses power: what was not synced is gone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { component } from '../../../../../scripts/components/index.ts';

/** A small disk. */
export interface Disk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Takes the power from it, and starts it again. */
  cut(): void;
  /** Syncs what was written to it until now. */
  sync(): void;
  /** Takes it away. */
  remove(): void;
}

/** Makes a disk, or says why this machine has none to give. */
export function makeDisk(): Disk | string {
  const python = component('python3');
  if (python.missing !== undefined) return python.missing;
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-disk-'));
  const [image, mounted] = [join(folder, 'image'), join(folder, 'mounted')];
  writeFileSync(image, '');
  truncateSync(image, 8 << 20);
  mkdirSync(mounted);
  const commands = {
    make: ['mkfs.ext4', '-q', image],
    // Without the guess of ext4 that a file which replaces another is meant to be synced; and no journal
    // is written but for an fsync.
    mount: ['mount', '-o', 'loop,noauto_da_alloc,commit=300', image, mounted],
    // What ioctl_xfs_goingdown(2) says of XFS, ext4 does as well: flush neither pages nor the journal.
    cut: [python.path, '-c', CUT, mounted],
    sync: ['sync', '-f', mounted],
    unmount: ['umount', mounted],
  } as const;
  for (const name of ['make', 'mount'] as const) {
    const { error, status, stderr } = spawnSync(commands[name][0], commands[name].slice(1), {
      encoding: 'utf8',
    });
    if (status === 0) continue;
    rmSync(folder, { recursive: true });
    return `${name}: ${error?.message ?? stderr.trim()}`;
  }
  const run = (name: keyof typeof commands): void => {
    const [program, ...args] = commands[name];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  };
  return {
    folder: mounted,
    cut() {
      for (const name of ['cut', 'unmount', 'mount'] as const) run(name);
    },
    sync: () => run('sync'),
    remove() {
      run('unmount');
      rmSync(folder, { recursive: true });
    },
  };
}

const CUT = `
import fcntl, os, struct, sys
FS_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587d, struct.pack("I", 2)
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), FS_IOC_SHUTDOWN, NO_LOG_FLUSH)
`;
