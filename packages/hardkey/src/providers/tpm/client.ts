/**
 * The calls: one command after the other on one connection.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureDetails } from '../../errors.ts';
import { type Authorization, authorize } from '../../protocols/tpm/authorization.ts';
import { decodeTpm, encodeTpm } from '../../protocols/tpm/codec.ts';
import {
  decodeResponse,
  encodeCommand,
  type TpmCommand,
  type TpmResponse,
} from '../../protocols/tpm/command.ts';
import { handleName } from '../../protocols/tpm/name.ts';
import { isNotBegun } from '../../protocols/tpm/response-code.ts';
import { nodeCrypto } from './crypto.ts';
import { refusal } from './failures.ts';
import type { Transport } from './transport/transport.ts';

/** What a command is about: a handle, and the name that proofs are made over. */
export interface TpmHandle {
  readonly handle: number;
  readonly name: Uint8Array;
}

/** The handles of a command, and how they are authorized. */
export interface Subject {
  readonly handles?: readonly TpmHandle[];
  readonly authorizations?: readonly Authorization[];
}

/** What a command answered. */
export interface Answer<S> {
  /** Zero where the command answers with none. */
  readonly handle: number;
  readonly response: S;
}

/** Commands on one connection. */
export interface TpmClient {
  /** Runs a command. Throws what the table of failures says of the TPM's refusal. */
  execute<Q extends object, S extends object>(
    command: TpmCommand<Q, S>,
    request: Q,
    subject?: Subject,
  ): Promise<Answer<S>>;
}

/** How long the TPM has for an answer, in milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
  /** For commands that search for primes. */
  readonly slowMs: number;
}

/** Pauses before the same bytes are sent again, in milliseconds: 2.5 seconds in all. */
const PAUSES: readonly number[] = [1, 5, 20, 50, 100, 200, 400, 800, 1000];

/** A permanent handle, which is its own name. */
export function permanentHandle(handle: number): TpmHandle {
  return { handle, name: handleName(handle) };
}

/** Commands over a transport. */
export function tpmClient(
  transport: Transport,
  patience: () => Patience,
  details: FailureDetails,
): TpmClient {
  /** Sends the same bytes again while the TPM says that it has not begun (Part 3 §10). */
  async function send(frame: Uint8Array, timeoutMs: number, answersHandle: boolean): Promise<TpmResponse> {
    for (const pause of PAUSES) {
      const response = decodeResponse(await transport.exchange(frame, timeoutMs), answersHandle);
      if (!isNotBegun(response.code)) return response;
      await sleep(pause);
    }
    return decodeResponse(await transport.exchange(frame, timeoutMs), answersHandle);
  }

  return {
    async execute(command, request, { handles = [], authorizations = [] } = {}) {
      const parameters = encodeTpm(command.request, request);
      const names = handles.map(({ name }) => name);
      const proved = authorize(nodeCrypto, command, names, parameters, authorizations);
      const numbers = handles.map(({ handle }) => handle);
      const frame = encodeCommand(command.code, numbers, proved.area, proved.parameters);
      const timeoutMs = command.slow ? patience().slowMs : patience().timeoutMs;
      try {
        const answer = await send(frame, timeoutMs, command.answersHandle);
        if (answer.code !== 0)
          throw refusal(answer.code, { ...details, operation: command.name }, numbers[0]);
        const opened =
          authorizations.length === 0
            ? answer.parameters
            : proved.open(answer.parameters, answer.authorization);
        return { handle: answer.handle ?? 0, response: decodeTpm(command.response, opened, command.name) };
      } finally {
        // They may have held what is sealed, or an authorization value.
        parameters.fill(0);
        frame.fill(0);
      }
    },
  };
}
