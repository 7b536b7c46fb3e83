/**
 * Faults that wait in a queue and happen to the next calls, in order, so that a client's handling of each is
 * tested on the client that people run.
 *
 * @module
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What happens to one call, or to several. Without `status` the call is answered as it would have been. */
export interface Fault {
  /** The method it waits for: `AsymmetricSign`, `sign`, `token`, or `*` for whichever comes next. */
  readonly method: string;
  /** How many calls it happens to, at least 1; 1 when not given. */
  readonly times?: number;
  /** How long the answer waits: up to 2,147,483,647, which is as long as a timer of Node.js goes. */
  readonly delayMs?: number;
  /** Refuses: an HTTP status, or for Google a name or number of `google.rpc.Code`. */
  readonly status?: number | string;
  readonly message?: string;
  /** Google: `google.rpc.Status.details` in JSON with `@type`. Azure: members of `error`, or of what the token service says. */
  readonly details?: readonly object[];
  /** Headers of an HTTP answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of an HTTP answer as it stands: HTML, half a document. */
  readonly body?: string;
  /** How many bytes of the answer arrive. */
  readonly truncate?: number;
  /** A field of the answer in which one bit is turned, while what vouches for it stays. */
  readonly flip?: string;
  /** Fields of the answer that are replaced. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** HTTP: the connection is cut instead of answered. */
  readonly reset?: boolean;
}

/** The queue of an emulator. */
export interface Faults {
  add(...faults: readonly Fault[]): void;
  /** Forgets what has not happened yet. */
  clear(): void;
  /** What has not happened yet. */
  waiting(): readonly Fault[];
  /** Takes the fault for a call, if one waits for it. */
  take(method: string): Fault | undefined;
}

const FIELDS: Readonly<Record<keyof Fault, (value: unknown) => boolean>> = {
  method: (value) => typeof value === 'string' && value !== '',
  times: (value) => isCount(value) && value !== 0,
  // A timer that is asked for more ends at once.
  delayMs: (value) => isCount(value) && (value as number) <= 2 ** 31 - 1,
  status: (value) => typeof value === 'string' || isCount(value),
  message: (value) => typeof value === 'string',
  details: (value) => Array.isArray(value) && value.every(isObject),
  headers: (value) => isObject(value) && Object.entries(value).every(isHeader),
  body: (value) => typeof value === 'string',
  truncate: isCount,
  flip: (value) => typeof value === 'string',
  set: isObject,
  reset: (value) => typeof value === 'boolean',
};

/** A fault out of JSON; a `TypeError` names the field that is none of it or is not what it should be. */
export function parseFault(value: unknown): Fault {
  if (!isObject(value)) throw new TypeError('a fault is an object');
  for (const [name, given] of Object.entries(value)) {
    if (!Object.hasOwn(FIELDS, name)) throw new TypeError(`a fault has no field ${name}`);
    if (!FIELDS[name as keyof Fault](given))
      throw new TypeError(`the field ${name} of a fault is not what it should be`);
  }
  if (!('method' in value)) throw new TypeError('a fault names its method');
  return value as unknown as Fault;
}

/** What an emulator has that a fault can happen to, and be. */
export interface Faulty {
  readonly methods: readonly string[];
  /** Whether it can refuse with this status. */
  isStatus(status: number | string): boolean;
  /** What else there is against a fault, as a `TypeError`. */
  check?(fault: Fault): void;
}

/** An empty queue of an emulator. */
export function createFaults({ methods, isStatus, check }: Faulty): Faults {
  let queue: { fault: Fault; left: number }[] = [];
  return {
    add: (...faults) => {
      const parsed = faults.map(parseFault);
      const other = parsed.find(({ method }) => method !== '*' && !methods.includes(method));
      // One that waits for ever would let a test pass.
      if (other) throw new TypeError(`no method is called ${other.method}: one is ${methods.join(', ')}`);
      const odd = parsed.find(({ status }) => status !== undefined && !isStatus(status));
      if (odd) throw new TypeError(`no call is refused with the status ${odd.status}`);
      for (const fault of parsed) check?.(fault);
      queue.push(...parsed.map((fault) => ({ fault, left: fault.times ?? 1 })));
    },
    clear: () => {
      queue = [];
    },
    waiting: () => queue.map(({ fault, left }) => ({ ...fault, times: left })),
    take: (method) => {
      const entry = queue.find(({ fault }) => fault.method === method || fault.method === '*');
      if (!entry) return undefined;
      entry.left -= 1;
      queue = queue.filter(({ left }) => left > 0);
      return entry.fault;
    },
  };
}

/** The answer with the fields of a fault replaced and turned. */
export function disturbed(answer: object, { set, flip }: Fault): object {
  const changed: Record<string, unknown> = { ...answer, ...set };
  if (flip !== undefined) changed[flip] = flipped(changed[flip], flip);
  return changed;
}

function flipped(value: unknown, field: string): unknown {
  if (typeof value === 'string' && value !== '') return (value.startsWith('A') ? 'B' : 'A') + value.slice(1);
  if (!(value instanceof Uint8Array) || value.length === 0)
    throw new TypeError(`the answer has no bytes in ${field}`);
  const bytes = Buffer.from(value);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isHeader([name, value]: readonly [string, unknown]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return typeof value === 'string';
  } catch {
    // A TypeError each: the name of a header, or its value.
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
