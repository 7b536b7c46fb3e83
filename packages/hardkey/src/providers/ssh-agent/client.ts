/**
 * The calls to an agent. Each has a connection of its own: a person who is asked to confirm one
 * signature keeps no other waiting, and an agent that was started anew is found at the next call.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { watchLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { encodeFrame, ReplyReader } from '../../protocols/ssh-agent/frames.ts';
import { socketFailure, unavailable } from './failures.ts';

/** One request, and how its reply is read. */
export interface AgentCall<T> {
  /** Path of the agent's socket. */
  readonly socket: string;
  readonly request: Uint8Array;
  readonly read: (reply: Uint8Array) => T;
}

/** Asks agents. */
export interface AgentClient {
  /** What the agent answers. Throws `UNAVAILABLE`, `DENIED`, `OVERLOADED`, or `MALFORMED` for what is no answer. */
  ask<T>(call: AgentCall<T>, options: CallOptions, details: FailureDetails): Promise<T>;
  /** Ends every call with `UNAVAILABLE`. */
  close(): void;
}

/** A client that waits `timeoutMs` for a reply, or as long as a call may take. */
export function agentClient(timeoutMs: number): AgentClient {
  const closers = new Set<() => void>();

  return {
    ask: ({ socket: path, request, read }, options, own) =>
      new Promise((resolve, reject) => {
        const details = { ...own, path };
        const reply = new ReplyReader();
        let socket: Socket | undefined;
        // Declared, not assigned: a signal that is aborted already ends the call before the next line.
        function end(): void {
          closers.delete(close);
          socket?.destroy();
        }
        function fail(reason: unknown): void {
          unwatch();
          end();
          reject(reason);
        }
        function close(): void {
          fail(unavailable('the provider was closed', details));
        }
        const unwatch = watchLimits(options, timeoutMs, details, (reason) => {
          end();
          reject(reason);
        });
        if (options.signal?.aborted) return;
        closers.add(close);
        socket = connect({ path });
        socket.on('error', (error) => fail(socketFailure(error, details)));
        socket.on('close', () => fail(unavailable('the agent hung up', details)));
        socket.on('data', (chunk: Uint8Array) => {
          try {
            const message = reply.push(chunk);
            if (message === undefined) return;
            resolve(read(message));
            unwatch();
            end();
          } catch (error) {
            fail(inCall(error, details));
          }
        });
        socket.write(encodeFrame(request));
      }),
    close() {
      for (const close of closers) close();
    },
  };
}

/** What was wrong with a reply, and in which call. */
function inCall(error: unknown, details: FailureDetails): unknown {
  return isFailure(error) ? new Failure(error.code, error.message, { ...details, ...error.details }) : error;
}
