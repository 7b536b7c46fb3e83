/**
 * The keys a command reaches, and the one the user means.
 *
 * @module
 */
import { createKeys, Failure, type Key, type KeyProvider, type Keys, type Policy } from 'hardkey';
import type { AuditLog } from 'hardkey/audit';
import { allBackends, type BackendOptions, backendOf } from './backends.ts';
import { readSettings, type Settings } from './config.ts';
import type { Surroundings } from './context.ts';
import { isFile } from './files.ts';
import type { Given } from './given.ts';
import { oneLine } from './render.ts';

/** Keys, and the settings that led to them. Close the keys. */
export interface Opened {
  readonly keys: Keys;
  readonly settings: Settings;
  /** Where everything that is done with the keys is recorded, if it is. */
  readonly audit?: AuditLog;
}

/** How long a call may take when somebody has to type a passphrase in it, in milliseconds. */
const TYPING_MS = 600_000;

/** How keys are opened, where it is not as for most commands. */
export interface OpeningOptions extends BackendOptions {
  /** The settings are about to be written, and need not be there. */
  readonly mayBeNew?: boolean;
  readonly policy?: Policy;
  /** Instead of the log that the options or the settings name: it is another's to close. */
  readonly audit?: AuditLog;
  /** These, and none of the store and of the settings. */
  readonly providers?: readonly KeyProvider[];
}

/** The keys of the store and of the settings. */
export async function openKeys(
  given: Given,
  context: Surroundings,
  options: OpeningOptions = {},
): Promise<Opened> {
  const { mayBeNew = false, policy = {}, audit } = options;
  const settings = await readSettings(context.environment, given.text('config'), mayBeNew);
  const providers = options.providers ?? (await allBackends(given, context, settings.config, options));
  const patience = context.interactive ? { deadlineMs: TYPING_MS } : {};
  const path = given.text('audit') ?? settings.config.audit;
  const open = (log?: AuditLog): Keys =>
    createKeys(providers, { ...patience, ...policy, ...(log && { audit: log }) });
  if (audit !== undefined || path === undefined)
    return { settings, keys: open(audit), ...(audit && { audit }) };
  const { openAuditLog, withLog } = await import('./audit-log.ts');
  const own = await openAuditLog(path);
  return { settings, keys: withLog(open(own), own), audit: own };
}

/** The keys that are to be listed: those that `--ref` names, or all that {@link openKeys} reaches. */
export async function openListed(given: Given, context: Surroundings): Promise<Opened> {
  const ref = given.text('ref');
  if (ref === undefined) return openKeys(given, context);
  const { config } = await readSettings(context.environment, given.text('config'));
  return openKeys(given, context, { providers: [await backendOf(given, context, config, ref)] });
}

/** Opens the key that `--key`, or the settings, name. */
export async function openKey(opened: Opened, given: Given, option = 'key'): Promise<Key> {
  return openNamed(opened.keys, keyNamed(opened, given, option), given);
}

/** What `--key`, or the settings, have for a key: a reference, id or label. Throws `ARGUMENT_INVALID`. */
export function keyNamed({ settings }: Opened, given: Given, option: string): string {
  const text = given.text(option) ?? (option === 'key' ? settings.config.key : undefined);
  if (text !== undefined) return text;
  throw new Failure('ARGUMENT_INVALID', `--${option} is missing and there is no default key`, {
    field: option,
  });
}

/** Opens a key by reference, id or label, and holds it to the `--fingerprint` of `given`. */
export async function openNamed(keys: Keys, text: string, given?: Given): Promise<Key> {
  const fingerprint = given && fingerprintOf(given);
  return keys.open(await findRef(keys, text), fingerprint === undefined ? {} : { fingerprint });
}

/**
 * The reference of a key that is named by reference, id or label. Throws `KEY_NOT_FOUND`, and
 * `ARGUMENT_INVALID` when the name fits several keys. A backend that could not say what it has may have
 * another key with the label: then the failure is that backend's, and an id still names its key.
 */
export async function findRef(keys: Keys, text: string): Promise<string> {
  if (text.includes(':')) return text;
  const { labelledKey, listBackends, wholeKey } = await import('hardkey/key-manager');
  const { keys: listed, unavailable } = await listBackends(keys);
  const [silent] = unavailable;
  const labelled = new Set<string>();
  const named = new Set<string>();
  const current = new Set<string>();
  for (const { info } of listed) {
    const whole = wholeKey(info.ref);
    // The current version comes first: the name of the whole key stands for it.
    const isCurrent = !current.has(whole);
    current.add(whole);
    if (info.label === text) labelled.add(labelledKey(info));
    else if (info.id === text) named.add(isCurrent ? whole : String(info.ref));
  }
  const [ref, ...others] = silent === undefined ? new Set([...labelled, ...named]) : named;
  if (ref === undefined) throw silent === undefined ? notFound(text) : unsure(silent.failure, [...labelled]);
  if (others.length === 0) return ref;
  throw new Failure('ARGUMENT_INVALID', 'several keys have this id or label: give the reference', {
    field: 'key',
  });
}

/** Of a label that fits a key, and may fit another one where nobody answers. */
function unsure(failure: Failure, [ref, ...others]: readonly string[]): Failure {
  if (ref === undefined) return failure;
  const which = others.length > 0 ? '' : `, ${oneLine(ref)}`;
  const message = `${failure.message}; a key there may have this label too: give the reference${which}`;
  return new Failure(failure.code, message, failure.details, failure);
}

function notFound(text: string): Failure {
  const hint = isFile(text) ? ': a key file is file: and its path' : '';
  return new Failure('KEY_NOT_FOUND', `no key has this id or label${hint}`, { field: 'key' });
}

/** `--fingerprint`. Throws `ARGUMENT_INVALID`. */
export function fingerprintOf(given: Given): string | undefined {
  const text = given.text('fingerprint')?.toLowerCase();
  if (text === undefined || /^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new Failure('ARGUMENT_INVALID', 'a fingerprint is sha256: and 64 hexadecimal digits', {
    field: 'fingerprint',
  });
}
