/**
 * Making a key in the backend that was asked for, or in software where that was allowed.
 *
 * @module
 */
import { algorithm, isFailure, type Key, type Keys, parseKeyRef } from 'hardkey';
import { wholeKey } from 'hardkey/key-manager';
import { azureSettings } from '../../azure.ts';
import { readSettings, writeSettings } from '../../config.ts';
import type { Context } from '../../context.ts';
import { failureText } from '../../exit.ts';
import { gcpSettings } from '../../gcp.ts';
import type { Given } from '../../given.ts';
import { type OpeningOptions, openKeys } from '../../keys.ts';
import { json, keyJson, keyText } from '../../render.ts';
import { backendOption, newRef, storeOptions } from './backend.ts';
import { softwareRef, takesItsPlace } from './in-software.ts';

/** Makes a key at a reference. */
type Make = (keys: Keys, ref: string) => Promise<Key>;

/** Makes a key where the options say, and writes what was made. */
export async function makeKey(
  given: Given,
  context: Context,
  make: Make,
  options: OpeningOptions = {},
): Promise<void> {
  const software = softwareRef(given);
  const opening = { ...storeOptions(given), ...options };
  let made: string;
  try {
    made = await madeAt(given, context, make, opening);
  } catch (error) {
    if (software === undefined || !isFailure(error) || !takesItsPlace(given, error)) throw error;
    const marked = { ...opening, softwareInsteadOf: backendOf(given) };
    made = await madeAt(given, context, make, marked, software);
    await context.output.note(`hardkey: ${failureText(error)}\nhardkey: ${IN_SOFTWARE}`);
    return context.output.write(made);
  }
  await nameBackend(given, context);
  await context.output.write(made);
}

const IN_SOFTWARE = 'a software key in a file was made instead, which says so in what it signs';

/** Makes it, and says what was made. */
async function madeAt(
  given: Given,
  context: Context,
  make: Make,
  options: OpeningOptions,
  software?: string,
): Promise<string> {
  const { config } = await readSettings(context.environment, given.text('config'));
  const ref = software ?? newRef(given, context, config);
  const { keys } = await openKeys(given, context, options);
  await using _ = keys;
  const key = await make(keys, ref);
  const whole = wholeKey(key.ref);
  if (!given.has('json')) return keyText(key, whole);
  // Some services do not keep what a key was made for, of all that its kind can do.
  const asked = given.text('algorithm');
  return json(keyJson(key, whole, asked === undefined ? undefined : algorithm(asked).name));
}

/** Takes a backend that was used into the settings: the key is to be found there by its label. */
async function nameBackend(given: Given, { environment, output }: Context): Promise<void> {
  const backend = backendOption(given);
  // Tokens are named in the settings already, and the store is always asked.
  if (backend === undefined || backend === 'file' || backend === 'pkcs11') return;
  const { config, path } = await readSettings(environment, given.text('config'));
  if (config[backend] !== undefined) return;
  try {
    await writeSettings(path, { [backend]: SETTINGS[backend]?.({ environment }) ?? {} });
    await output.note(`hardkey: ${path} names the backend ${backend} from now on`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    await output.note(`hardkey: ${path} cannot be written, and has to name the backend ${backend}`);
  }
}

/** What the settings have to say of backends, beside that they are there: what the environment names today. */
const SETTINGS: Readonly<Partial<Record<string, (surroundings: Pick<Context, 'environment'>) => object>>> = {
  azurekms: azureSettings,
  gcpkms: gcpSettings,
};

/** The scheme of the backend that was asked for. */
function backendOf(given: Given): string {
  return backendOption(given) ?? parseKeyRef(given.text('ref') ?? '').scheme;
}
