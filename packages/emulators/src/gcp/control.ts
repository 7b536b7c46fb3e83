/**
 * What the emulator's own interface has for Google beside what all have.
 *
 * @module
 */
import { type ControlRoutes, commonRoutes, numberOf, stringOf } from '../control.ts';
import type { Denial } from './permissions.ts';
import type { Service } from './service.ts';

/** The routes of an emulator that is found at these places. */
export function controlRoutes(service: Service, places: object): ControlRoutes {
  const { faults, store, rules, permissions } = service;
  return {
    ...commonRoutes({ faults, clock: store.clock, rules, places }),
    'POST /emulator/denials': (body) => {
      permissions.deny({ permission: stringOf(body, 'permission'), ...resourceOf(body) });
    },
    'DELETE /emulator/denials': () => {
      permissions.allowAll();
    },
    'POST /emulator/generation': (body) => {
      store.generationMs = numberOf(body, 'generationMs');
    },
  };
}

function resourceOf(body: unknown): Partial<Pick<Denial, 'resource'>> {
  return body !== null && typeof body === 'object' && 'resource' in body
    ? { resource: stringOf(body, 'resource') }
    : {};
}
