/**
 * Rejections that nobody handles, as the runtime reports them: Node's event or the browser's.
 *
 * @module
 */

interface NodeProcess {
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): void;
  off(event: 'unhandledRejection', listener: (reason: unknown) => void): void;
}

interface RejectionEvent {
  readonly reason: unknown;
  preventDefault(): void;
}

interface Runtime {
  readonly process?: NodeProcess;
  addEventListener?(type: 'unhandledrejection', listener: (event: RejectionEvent) => void): void;
  removeEventListener?(type: 'unhandledrejection', listener: (event: RejectionEvent) => void): void;
}

/** Runtimes report a rejection a turn or more after it happened. */
const REPORTED_MS = 30;

/** What was rejected and not handled while `act` ran, and shortly after. */
export async function unhandledDuring(act: () => Promise<void>): Promise<readonly unknown[]> {
  const runtime = globalThis as unknown as Runtime;
  const found: unknown[] = [];
  const onNode = (reason: unknown): void => {
    found.push(reason);
  };
  const onBrowser = (event: RejectionEvent): void => {
    found.push(event.reason);
    event.preventDefault();
  };
  runtime.process?.on('unhandledRejection', onNode);
  runtime.addEventListener?.('unhandledrejection', onBrowser);
  try {
    await act();
    await new Promise((resolve) => setTimeout(resolve, REPORTED_MS));
  } finally {
    runtime.process?.off('unhandledRejection', onNode);
    runtime.removeEventListener?.('unhandledrejection', onBrowser);
  }
  return found;
}
