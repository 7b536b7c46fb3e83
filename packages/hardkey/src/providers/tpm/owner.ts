/**
 * Who owns a TPM: one connection for all providers of this process that use the same device, and one
 * queue before it. A raw connection has no room for a second owner, and an emulator leaves the second
 * one without an answer.
 *
 * @module
 */
import type { CallOptions } from '../../core/operations.ts';
import type { FailureDetails } from '../../errors.ts';
import { type Connection, connectionTo } from './connection.ts';
import { type Queue, queue } from './queue.ts';
import type { Tpm, TurnSettings } from './tpm.ts';

/** A share in the owner. */
export interface Owner {
  /** Runs `act` when the TPM is free, no longer than the call may take; see `queue.ts`. */
  run<T>(
    options: CallOptions,
    settings: TurnSettings,
    details: FailureDetails,
    act: (tpm: Tpm) => Promise<T>,
    cleanUp: () => void,
  ): Promise<T>;
  /** Gives the share back. The last one waits for what is under way and closes the connection. */
  release(): Promise<void>;
}

interface Shared {
  readonly connection: Connection;
  readonly turns: Queue;
  shares: number;
}

const owners = new Map<string, Shared>();

/** A share in the owner of a device. Nothing is opened before it is used. */
export function ownerOf(device: string): Owner {
  const shared = owners.get(device) ?? {
    connection: connectionTo(device, { provider: 'tpm', path: device }),
    turns: queue(),
    shares: 0,
  };
  owners.set(device, shared);
  shared.shares += 1;
  return {
    run: (options, settings, details, act, cleanUp) =>
      shared.turns.run(options, details, () => shared.connection.use(settings, act), cleanUp),
    async release() {
      shared.shares -= 1;
      if (shared.shares > 0) return;
      owners.delete(device);
      await shared.turns.idle();
      await shared.connection.close();
    },
  };
}
