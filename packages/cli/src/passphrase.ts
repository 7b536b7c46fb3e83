/**
 * Where the passphrase of a store comes from.
 *
 * @module
 */
import { Failure, type SecretSource } from 'hardkey';
import { secretDescriptor, secretFile } from 'hardkey/secrets';
import { type Given, onlyOne } from './given.ts';
import { secretPrompt } from './prompt.ts';

/** What the user said: a source, that there is none, or nothing. */
export type PassphraseChoice =
  | { readonly kind: 'source'; readonly source: SecretSource }
  | { readonly kind: 'none' }
  | { readonly kind: 'open' };

const OPTIONS: readonly string[] = ['passphrase-file', 'passphrase-fd', 'no-passphrase'];

/** Reads the options. Throws `ARGUMENT_INVALID` when more than one is given, or the descriptor is none. */
export function passphraseChoice(given: Given): PassphraseChoice {
  onlyOne(given, OPTIONS);
  if (given.has('no-passphrase')) return { kind: 'none' };
  const path = given.text('passphrase-file');
  if (path !== undefined) return { kind: 'source', source: secretFile(path) };
  const descriptor = given.text('passphrase-fd');
  if (descriptor === undefined) return { kind: 'open' };
  return { kind: 'source', source: secretDescriptor(descriptorOf(descriptor, given)) };
}

/** Asks, once, where somebody can be asked; fails with the options to give elsewhere. */
export function askPassphrase(interactive: boolean, question: string, confirm: boolean): SecretSource {
  if (!interactive) return refuse;
  return secretPrompt(question, { confirm });
}

async function refuse(): Promise<never> {
  throw new Failure(
    'ARGUMENT_INVALID',
    'a passphrase is needed: --passphrase-file, --passphrase-fd or --no-passphrase',
    { field: 'passphrase' },
  );
}

function descriptorOf(text: string, given: Given): number {
  const field = 'passphrase-fd';
  if (!/^\d{1,9}$/.test(text)) throw new Failure('ARGUMENT_INVALID', 'not a file descriptor', { field });
  if (text === '0' && given.args.includes('-')) {
    throw new Failure('ARGUMENT_INVALID', 'standard input cannot be both', { field });
  }
  return Number(text);
}
