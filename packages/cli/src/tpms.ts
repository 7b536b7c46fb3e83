/**
 * TPMs as references, options and settings name them.
 *
 * @module
 */
import { Failure, parseKeyRef } from 'hardkey';
import type { TpmConfig, TpmProvider } from 'hardkey/providers/tpm';
import { secretPrompt } from 'hardkey/secrets';
import type { Surroundings } from './context.ts';
import type { Given } from './given.ts';
import { askTwice } from './passphrase.ts';
import { asker, pinOf } from './pin.ts';
import { oneLine } from './render.ts';

/** What of the settings says which TPM there is. */
export type TpmSettings = Pick<TpmConfig, 'device' | 'folder' | 'pcrs' | 'sessions' | 'timeoutMs'>;

/** What the provider is made of. */
export interface TpmOptions {
  readonly given: Given;
  readonly context: Surroundings;
  /** What the settings say, where they name the device: then its keys are listed. */
  readonly settings?: TpmSettings | undefined;
  /** Keys may be made and ended also where they are not expected. */
  readonly force?: boolean;
  /** A key is made: a value that is typed is a new one. */
  readonly makesKey?: boolean;
  /** Certificates of the key that attests, PEM. */
  readonly certificates?: string;
}

/** The TPM of a reference, to a key or to the device alone. */
export async function tpmOf(options: TpmOptions, text: string): Promise<TpmProvider> {
  const { scheme } = parseKeyRef(text);
  if (scheme === 'tpm') return tpmProvider(options, text);
  throw new Failure('UNSUPPORTED', 'no key of this kind attests', { provider: scheme });
}

/** The TPM; the one of `listOf`, a reference, in place of that of the settings, where its keys are wanted. */
export async function tpmProvider(
  { given, context, settings = {}, force = false, makesKey = false, certificates }: TpmOptions,
  listOf?: string,
): Promise<TpmProvider> {
  const { tpm, tpmDevice } = await import('hardkey/providers/tpm');
  const device = listOf === undefined ? undefined : tpmDevice(parseKeyRef(listOf));
  const asks = asking(context, makesKey);
  const auth = pinOf(given, context) ?? (given.has('pin-prompt') ? asks : undefined);
  const pcrs = given.text('pcrs');
  return tpm({
    ...settings,
    ...(device === undefined ? {} : { device }),
    ...(auth && { auth }),
    ...(auth === undefined && asks && { askAuth: asks }),
    ...(pcrs === undefined ? {} : { pcrs }),
    ...(certificates === undefined ? {} : { attestationCertificates: certificates }),
    allowEndorsementHandles: force,
    allowStorageKeys: force,
  });
}

/** Asks for the value of a key, where somebody can be asked. */
function asking({ interactive }: Surroundings, isNew: boolean): TpmConfig['auth'] {
  if (!interactive) return undefined;
  const ask = asker(isNew ? (question) => askTwice(secretPrompt(question)) : secretPrompt);
  return (ref) => ask(String(ref), `${isNew ? 'New PIN' : 'PIN'} of ${oneLine(String(ref))}: `);
}
