/**
 * The sessions of one thread, one for each token it was asked about.
 *
 * @module
 */
import type { Handle } from '../wire.ts';
import { type Cryptoki, type NativeHandle, rvOf } from './cryptoki.ts';

const SERIAL_SESSION = 4;
const RW_SESSION = 2;
const TOKEN_WRITE_PROTECTED = 0xe2;
/** CKR_SESSION_CLOSED, CKR_SESSION_HANDLE_INVALID, CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED. */
const LOST: readonly number[] = [0xb0, 0xb3, 0x90, 0x91];

/** Sessions by slot, opened when they are first needed. */
export class Sessions {
  readonly module: Cryptoki;
  readonly #open = new Map<Handle, NativeHandle>();

  constructor(module: Cryptoki) {
    this.module = module;
  }

  /** Runs `act` in the session of a slot. One that turns out to be lost is forgotten. */
  run<T>(slot: Handle, act: (session: NativeHandle) => T): T {
    let session = this.#open.get(slot);
    if (session === undefined) {
      session = this.#start(slot);
      this.#open.set(slot, session);
    }
    try {
      return act(session);
    } catch (error) {
      if (LOST.includes(rvOf(error))) {
        this.#open.delete(slot);
        quietly(() => this.module.C_CloseSession(session));
      }
      throw error;
    }
  }

  /** Runs `act` in a session that is closed after it, with whatever it began. */
  apart<T>(slot: Handle, act: (session: NativeHandle) => T): T {
    const session = this.#start(slot);
    try {
      return act(session);
    } finally {
      this.module.C_CloseSession(session);
    }
  }

  close(): void {
    for (const session of this.#open.values()) quietly(() => this.module.C_CloseSession(session));
    this.#open.clear();
  }

  #start(slot: Handle): NativeHandle {
    const id = Buffer.from(slot, 'hex');
    try {
      return this.module.C_OpenSession(id, SERIAL_SESSION | RW_SESSION);
    } catch (error) {
      if (rvOf(error) !== TOKEN_WRITE_PROTECTED) throw error;
      return this.module.C_OpenSession(id, SERIAL_SESSION);
    }
  }
}

/** What is being closed may be gone already. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing depends on it.
  }
}
