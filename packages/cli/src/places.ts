/**
 * The places whose keys are listed, asked one by one: what one of them cannot say hides nothing of the
 * others.
 *
 * @module
 */
import { type Failure, isFailure, type KeyInfo } from 'hardkey';
import { type BackendKeys, listBackends } from 'hardkey/key-manager';
import { backendOf } from './backends.ts';
import { type Config, namedBackends } from './config.ts';
import type { Surroundings } from './context.ts';
import type { Given } from './given.ts';
import { type Opened, openKeys } from './keys.ts';
import { oneLine } from './render.ts';

/** A backend, or one of several tokens or agents of it. */
export interface Place {
  /** The scheme of its references. */
  readonly backend: string;
  /** Which of several it is. */
  readonly ref?: string;
}

/** What a place has, or why it does not say. */
export interface Answer extends Place {
  readonly keys: readonly KeyInfo[];
  readonly failure?: Failure;
}

/** Asks places; the store and every one of the settings, unless it is said which. */
export async function askPlaces(
  given: Given,
  context: Surroundings,
  opened: Opened,
  places: readonly Place[] = placesOf(opened.settings.config),
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  // In turn: some of them ask somebody for a passphrase.
  for (const place of places) {
    const { backend, ref } = place;
    const answer =
      ref === undefined
        ? answerOf(await listBackends(opened.keys, [backend]))
        : await askPlace(given, context, opened, ref);
    answers.push({ ...place, ...answer });
  }
  return answers;
}

/** Asks the token, device, agent or keyring that a reference without a key names. */
export async function askPlace(
  given: Given,
  context: Surroundings,
  { settings: { config }, audit }: Opened,
  ref: string,
): Promise<Omit<Answer, 'backend'>> {
  try {
    const providers = [await backendOf(given, context, config, ref)];
    const { keys } = await openKeys(given, context, { providers, ...(audit && { audit }) });
    await using _ = keys;
    return answerOf(await listBackends(keys));
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { keys: [], failure };
  }
}

/** A place in a line. */
export function placeText({ backend, ref }: Place): string {
  return ref === undefined ? backend : oneLine(ref);
}

function placesOf(config: Config): readonly Place[] {
  return ['file', ...namedBackends(config)].flatMap((backend) => {
    const refs = severalOf(config, backend);
    return refs.length > 1 ? refs.map((ref) => ({ backend, ref })) : [{ backend }];
  });
}

function severalOf(config: Config, backend: string): readonly string[] {
  const refs = { pkcs11: config.pkcs11?.tokens, 'ssh-agent': config['ssh-agent']?.agents }[backend];
  // What is no list of references is the provider's to refuse.
  return Array.isArray(refs) && refs.every((ref) => typeof ref === 'string') ? refs : [];
}

function answerOf({ keys, unavailable: [silent] }: BackendKeys): Omit<Answer, 'backend'> {
  return { keys: keys.map(({ info }) => info), ...(silent && { failure: silent.failure }) };
}
