/**
 * What is said of keys in software: where nobody asked for them by name, and where they stand in for
 * hardware.
 *
 * @module
 */
import { Failure, type Key, type KeyInfo, type Signer } from 'hardkey';
import { namedBackends } from './config.ts';
import type { Context } from './context.ts';
import type { Given } from './given.ts';
import type { Opened } from './keys.ts';

/** Says what protects a key of the store, where neither options nor settings say where keys are. */
export async function sayProtection(
  given: Given,
  { output }: Context,
  { settings: { config } }: Opened,
  { ref, label, custody: { facts } }: Key,
): Promise<void> {
  const isChosen =
    given.text('store') !== undefined || config.store !== undefined || namedBackends(config).length > 0;
  // A key file has no label: whoever gave its path knows what it is.
  if (isChosen || ref.scheme !== 'file' || label === undefined) return;
  const file = facts['encrypted'] === true ? 'an encrypted file' : 'a file that is not encrypted';
  await output.note(`hardkey: signed with a software key in ${file}; no backend is configured`);
}

/** Whom a signature is of, as sizes are estimated with. */
export function sizedAs({ algorithm, publicKey, key }: Signer): SignerSize {
  const backend = insteadOf(key);
  return { algorithm, publicKey, ...(backend === undefined ? {} : { softwareInsteadOf: backend }) };
}

type SignerSize = Pick<Signer, 'algorithm' | 'publicKey'> & { readonly softwareInsteadOf?: string };

function insteadOf({ custody }: KeyInfo): string | undefined {
  const backend = custody.facts['softwareInsteadOf'];
  return backend === undefined ? undefined : String(backend);
}

/**
 * Refuses to sign what cannot say that the key stands in for one in hardware. Throws `DENIED`; with
 * `--allow-software` it is said on standard error.
 */
export async function checkStandIn(given: Given, { output }: Context, key: Key): Promise<void> {
  const backend = insteadOf(key);
  if (backend === undefined) return;
  const what = `a software key stands in for one of ${backend}, and this form of signature cannot say so`;
  if (!given.has('allow-software')) {
    const message = `${what}: jws and cose can, and --allow-software signs all the same`;
    throw new Failure('DENIED', message, { ref: String(key.ref), field: 'allow-software' });
  }
  await output.note(`hardkey: ${what}`);
}
