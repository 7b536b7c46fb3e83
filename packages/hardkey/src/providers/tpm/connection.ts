/**
 * One connection to one TPM: opened when it is needed, and again when it broke.
 *
 * @module
 */
import { type FailureDetails, isFailure } from '../../errors.ts';
import { getCapability, startup } from '../../protocols/tpm/commands/device.ts';
import { flushContext } from '../../protocols/tpm/commands/sessions.ts';
import { handleType } from '../../protocols/tpm/identifiers.ts';
import { isGone, responseCode } from '../../protocols/tpm/response-code.ts';
import { type TpmClient, tpmClient } from './client.ts';
import { codeOf, isRefusal } from './failures.ts';
import { type Tpm, type TurnSettings, tpmOver } from './tpm.ts';
import { openTransport, type Transport } from './transport/transport.ts';

/** A connection. */
export interface Connection {
  /** Runs `act`; once more if the TPM lost what was loaded, because then the command was not done. */
  use<T>(settings: TurnSettings, act: (tpm: Tpm) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Open {
  readonly transport: Transport;
  readonly client: TpmClient;
  readonly tpm: Tpm;
}

/** A connection to a device, which nobody else of this process has. */
export function connectionTo(device: string, details: FailureDetails): Connection {
  let current: TurnSettings | undefined;
  let open: Open | undefined;

  async function connect({ timeoutMs }: TurnSettings): Promise<Open> {
    const transport = await openTransport(device, timeoutMs, details);
    const settings = (): TurnSettings => current ?? NEVER;
    const client = tpmClient(transport, settings, details);
    try {
      if (!transport.isManaged) await clear(client);
      return { transport, client, tpm: tpmOver(client, settings, details) };
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  return {
    async use(settings, act) {
      current = settings;
      if (open === undefined || open.transport.isClosed) open = await connect(settings);
      const { tpm, client, transport } = open;
      try {
        return await act(tpm);
      } catch (error) {
        // Both sides count what they said: after an answer that was none they no longer agree.
        if (isFailure(error, 'VERIFICATION_FAILED') || isFailure(error, 'MALFORMED')) await transport.close();
        const code = codeOf(error);
        if (code === undefined || !(isGone(code) || code === responseCode.INITIALIZE)) throw error;
        tpm.forget();
        if (!transport.isManaged) await clear(client);
        return await act(tpm);
      }
    },
    async close() {
      if (open === undefined || open.transport.isClosed) return;
      const { transport, client } = open;
      try {
        // The next owner finds all the room there is.
        if (!transport.isManaged) await clear(client);
      } catch (error) {
        // One that is gone has nothing loaded either.
        if (!isFailure(error, 'UNAVAILABLE')) throw error;
      } finally {
        await transport.close();
      }
    },
  };
}

/** Nothing is sent outside of a turn. */
const NEVER: TurnSettings = {
  timeoutMs: 0,
  slowMs: 0,
  ownerIsOpen: false,
  alwaysInSession: false,
  authorizeParent: () => Promise.reject(new Error('a command outside of a turn')),
};

/**
 * Ends all that is loaded, which at first is what a former owner left behind: without a resource manager, objects and sessions outlive
 * the connection that they were made on, and three are all there is room for.
 */
async function clear(client: TpmClient): Promise<void> {
  for (const type of [handleType.transient, handleType.hmacSession, handleType.policySession]) {
    for (const flushHandle of await handlesOf(client, type))
      await client.execute(flushContext, { flushHandle });
  }
}

/** Handles of one type that there are. */
export async function handlesOf(client: TpmClient, type: number): Promise<readonly number[]> {
  const request = { capability: 'handles', property: type * 2 ** 24, propertyCount: 256 } as const;
  const { response } = await started(client, () => client.execute(getCapability, request));
  const { capabilityData } = response;
  return capabilityData.capability === 'handles' ? capabilityData.handles : [];
}

/** A TPM without firmware before it, as an emulator is, may have to be started first (Part 3 §9.3). */
async function started<T>(client: TpmClient, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error, responseCode.INITIALIZE)) throw error;
    await client.execute(startup, { startupType: STARTUP_CLEAR });
    return ask();
  }
}

/** TPM_SU_CLEAR (Part 2 §6.10). */
const STARTUP_CLEAR = 0;
