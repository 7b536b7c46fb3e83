/**
 * The audit log of the command: `--audit`, or `audit` in the settings.
 *
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isFailure, type Keys } from 'hardkey';
import { type AuditFile, auditFile } from 'hardkey/audit';

/** One process writes a log at a time: how long a command waits for another. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** Opens it when no other process has it. Throws what `auditFile` throws. */
export async function openAuditLog(path: string): Promise<AuditFile> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return auditFile({ path });
    } catch (error) {
      const isTaken = isFailure(error, 'UNAVAILABLE') && error.details.field === 'lock';
      if (!isTaken || performance.now() > end) throw error;
      await pause(PAUSE_MS);
    }
  }
}

/** Keys that close their log with them. */
export function withLog(keys: Keys, log: AuditFile): Keys {
  const close = async (): Promise<void> => {
    await keys.close();
    await log.close();
  };
  return { ...keys, close, [Symbol.asyncDispose]: close };
}
