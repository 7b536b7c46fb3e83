/**
 * One call of the service, however it came: the fault that waits for it, the permission, the method.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { disturbed, type Fault, type Faults } from '../faults.ts';
import type { RuleBook } from '../rules.ts';
import type { StatusEncoder } from './definitions.ts';
import { METHODS } from './methods.ts';
import type { Permissions } from './permissions.ts';
import { CODES, GcpRefusal, type GcpRule, refuse } from './rules.ts';
import type { Store } from './store.ts';

/** The emulated service. */
export interface Service {
  readonly store: Store;
  readonly faults: Faults;
  readonly permissions: Permissions;
  readonly rules: RuleBook<GcpRule>;
  readonly encodeStatus: StatusEncoder;
  /** Ends waits when the emulator closes. */
  readonly signal: AbortSignal;
}

/** An answer, with the fault that happens to it on the way. */
export interface Answer {
  readonly message: object;
  readonly fault: Fault | undefined;
}

/** Answers a call, or throws a `GcpRefusal`. */
export async function call(service: Service, method: string, request: object): Promise<Answer> {
  const fault = service.faults.take(method);
  if (fault?.delayMs) await wait(fault.delayMs, undefined, { signal: service.signal });
  if (fault?.status !== undefined) throw refusalOf(fault);
  const message = await attempt(service, method, request);
  return { message: fault ? disturbed(message, fault) : message, fault };
}

async function attempt(service: Service, method: string, request: object): Promise<object> {
  try {
    if (method === 'TestIamPermissions') return testPermissions(service, request);
    const found = METHODS[method];
    if (!found) throw refuse('not in this emulator', `${method} is not emulated`);
    const resource = textAt(request, found.resource);
    service.permissions.require(`cloudkms.${found.permission}`, resource);
    const further = await found.further?.(service.store, request as never);
    if (further !== undefined) service.permissions.require(`cloudkms.${further}`, resource);
    return await found.run(service.store, request as never);
  } catch (error) {
    if (error instanceof GcpRefusal && error.rule) service.rules.note(error.rule);
    throw error;
  }
}

/** `google.iam.v1.IAMPolicy.TestIamPermissions`: those of the asked that the caller has, none on what is not there. */
function testPermissions({ permissions, store }: Service, request: object): object {
  const { resource = '', permissions: asked = [] } = request as {
    readonly resource?: string;
    readonly permissions?: readonly string[];
  };
  if (!store.rings.has(resource) && !store.keys.has(resource)) return { permissions: [] };
  return { permissions: asked.filter((permission) => !permissions.isDenied(permission, resource)) };
}

function textAt(request: object, path: string): string {
  const at = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], request);
  return typeof at === 'string' ? at : '';
}

function refusalOf(fault: Fault): GcpRefusal {
  const { status = '', message, details = [] } = fault;
  const code = Object.entries(CODES).find(([name, number]) => status === name || status === number)?.[1];
  if (code === undefined) throw new TypeError(`${status} is no code of google.rpc`);
  return new GcpRefusal(code, message ?? 'a fault that was asked for', { details, fault });
}
