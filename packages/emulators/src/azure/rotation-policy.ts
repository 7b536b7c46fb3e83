/**
 * Rotation policies of keys. They are kept, and not carried out.
 *
 * @module
 */
import { type Fields, isFields, parseFields } from './fields.ts';
import { keyId } from './messages.ts';
import { AzureRefusal } from './rules.ts';
import { keyOf, secondsOf } from './store.ts';
import type { VaultRequest } from './upkeep.ts';

// What a key has from the start, and again when it is given none.
const DEFAULT_ACTIONS = [{ trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } }];

const DURATION = /^P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/;
const DAYS = [365, 28, 7, 1];
const LEAST_DAYS = 28;

/** Get Key Rotation Policy. */
export function getPolicy({ vault, host, name }: VaultRequest): object {
  const { rotationPolicy } = keyOf(vault, name);
  const none = { lifetimeActions: DEFAULT_ACTIONS, attributes: {} };
  return { id: `${keyId(host, name)}/rotationpolicy`, ...(rotationPolicy ?? none) };
}

/** Update Key Rotation Policy: it is the whole one from then on. */
export function putPolicy(request: VaultRequest): object {
  const key = keyOf(request.vault, request.name);
  const fields = parseFields(request.body);
  const lifetimeActions = actionsOf(fields['lifetimeActions'] ?? []);
  const expiryTime = expiryOf(fields['attributes'] ?? {});
  const updated = secondsOf(request.vault);
  const created = key.rotationPolicy?.attributes.created ?? updated;
  key.rotationPolicy = {
    lifetimeActions: lifetimeActions.length > 0 ? lifetimeActions : DEFAULT_ACTIONS,
    attributes: { ...(expiryTime !== undefined && { expiryTime }), created, updated },
  };
  return getPolicy(request);
}

function actionsOf(given: unknown): readonly Fields[] {
  if (Array.isArray(given) && given.every(isAction)) return given;
  throw otherForm('lifetimeActions are triggers with their actions, Rotate or Notify.');
}

function isAction(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const { trigger, action } = value;
  const isKnown = isFields(action) && /^(rotate|notify)$/i.test(String(action['type']));
  const times = isFields(trigger) ? Object.values(trigger).filter((time) => time !== null) : [];
  return isKnown && times.length > 0 && times.every((time) => daysOf(time) !== undefined);
}

function expiryOf(attributes: unknown): string | undefined {
  const expiryTime = isFields(attributes) ? (attributes['expiryTime'] ?? undefined) : null;
  if (expiryTime === undefined) return undefined;
  if (typeof expiryTime === 'string' && (daysOf(expiryTime) ?? 0) >= LEAST_DAYS) return expiryTime;
  throw otherForm(`expiryTime is a duration of ISO 8601 of at least ${LEAST_DAYS} days.`);
}

/** The days of a duration, at least; nothing for what is no duration. */
function daysOf(duration: unknown): number | undefined {
  const parts = DURATION.exec(String(duration))?.slice(1);
  return parts?.reduce((sum, part, at) => sum + Number(part ?? 0) * (DAYS[at] ?? 0), 0);
}

function otherForm(message: string): AzureRefusal {
  return new AzureRefusal('rotation policy', message);
}
