/**
 * Where the passphrase of a store comes from.
 *
 * @module
 */
import { Failure, Secret, type SecretSource } from 'hardkey';
import { secretCredential, secretDescriptor, secretFile, secretPrompt } from 'hardkey/secrets';
import type { Environment } from './environment.ts';
import { type Given, onlyOne } from './given.ts';

/** What the user said: a source, that there is none, or nothing. */
export type PassphraseChoice =
  | { readonly kind: 'source'; readonly source: SecretSource }
  | { readonly kind: 'none' }
  /** `ask` stands in for the question at the terminal. */
  | { readonly kind: 'open'; readonly ask?: SecretSource };

const OPTIONS: readonly string[] = [
  'passphrase-file',
  'passphrase-fd',
  'passphrase-credential',
  'no-passphrase',
];

/** Reads the options. Throws `ARGUMENT_INVALID` when more than one is given, or what is given is none. */
export function passphraseChoice(given: Given, environment: Environment): PassphraseChoice {
  onlyOne(given, OPTIONS);
  if (given.has('no-passphrase')) return { kind: 'none' };
  const path = given.text('passphrase-file');
  if (path !== undefined) return { kind: 'source', source: secretFile(path) };
  const source =
    credentialOf(given, environment, 'passphrase-credential') ?? descriptorOf(given, 'passphrase-fd');
  return source === undefined ? { kind: 'open' } : { kind: 'source', source };
}

/** Asks, once, where somebody can be asked; fails with the options to give elsewhere. */
export function askPassphrase(interactive: boolean, isNew: boolean): SecretSource {
  if (!interactive) return refuse;
  const ask = secretPrompt('Passphrase of the key store: ');
  return isNew ? askTwice(ask) : ask;
}

/** What is new is typed twice: with a slip in it, nothing would ever open the store, or the key, again. */
export function askTwice(ask: SecretSource): SecretSource {
  let confirmed = false;
  return async () => {
    const first = await ask();
    if (confirmed) return first;
    using second = await secretPrompt('Once more: ')();
    confirmed = isSame(first, second);
    if (confirmed) return first;
    throw new Failure('ARGUMENT_INVALID', 'the two are not the same', { field: 'confirmation' });
  };
}

/** A passphrase that may be asked for more than once, by several who open the store. */
export interface SharedPassphrase {
  readonly choice: PassphraseChoice;
  /** A copy of what was told, for the caller to zero; undefined when nobody has asked. */
  told(): Uint8Array<ArrayBuffer> | undefined;
}

/** Asks where `choice` says, once: a descriptor and a pipe give what they have a single time. */
export function sharePassphrase(choice: PassphraseChoice, interactive: boolean): SharedPassphrase {
  let known: Promise<Secret> | undefined;
  let heard: Secret | undefined;
  const once =
    (source: SecretSource): SecretSource =>
    async () => {
      known ??= source();
      try {
        heard = await known;
      } catch (error) {
        known = undefined;
        throw error;
      }
      return heard.use((bytes) => new Secret(bytes));
    };
  const shared = (): PassphraseChoice => {
    if (choice.kind === 'source') return { kind: 'source', source: once(choice.source) };
    if (choice.kind === 'none') return choice;
    return { kind: 'open', ask: once(choice.ask ?? askPassphrase(interactive, false)) };
  };
  return { choice: shared(), told: () => heard?.use((bytes) => Uint8Array.from(bytes)) };
}

function isSame(a: Secret, b: Secret): boolean {
  return a.use((first) => b.use((second) => Buffer.compare(first, second) === 0));
}

async function refuse(): Promise<never> {
  throw new Failure(
    'ARGUMENT_INVALID',
    'a passphrase is needed: --passphrase-file, --passphrase-fd, --passphrase-credential or --no-passphrase',
    { field: 'passphrase' },
  );
}

/** The systemd credential that an option names; undefined where it is not given. */
export function credentialOf(
  given: Given,
  { credentials }: Environment,
  field: string,
): SecretSource | undefined {
  const name = given.text(field);
  if (name === undefined) return undefined;
  if (credentials !== undefined) return secretCredential(name, credentials);
  throw new Failure('ARGUMENT_INVALID', 'systemd gave no credentials: $CREDENTIALS_DIRECTORY is not set', {
    field,
  });
}

/**
 * The file descriptor that an option names; undefined where it is not given. Standard input cannot be both
 * this and what a command works on.
 */
export function descriptorOf(given: Given, field: string): SecretSource | undefined {
  const text = given.text(field);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Failure('ARGUMENT_INVALID', 'not a file descriptor', { field });
  if (text === '0' && given.args.includes('-')) {
    throw new Failure('ARGUMENT_INVALID', 'standard input cannot be both', { field });
  }
  return secretDescriptor(Number(text));
}
