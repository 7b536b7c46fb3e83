/**
 * How a credential is written: `--algorithm`, `--profile`, `--certificate` and their like.
 *
 * @module
 */
import {
  type Effort,
  type EncodeOptions,
  type Profile,
  type QrErrorLevel,
  qrErrorLevels,
} from 'hardkey/formats/claim169';
import { signingAlgorithm } from '../../algorithms.ts';
import { choice, type Given } from '../../given.ts';
import { type Opened, openKey } from '../../keys.ts';
import { certificatesOf } from './certificate.ts';
import { profileOf } from './profile.ts';
import { readerFor } from './reader-for.ts';

/** As far as no key is needed to say it. */
export interface Manner {
  readonly profile: Profile;
  readonly compression: Effort;
  readonly errorLevel: QrErrorLevel;
}

const EFFORTS: readonly Effort[] = ['smallest', 'fast'];

/** Reads the options. Throws `ARGUMENT_INVALID`, and `UNSUPPORTED` for a profile that is not known. */
export function mannerOf(given: Given): Manner {
  return {
    profile: profileOf(given),
    compression: choice(given.text('compression') ?? 'smallest', 'compression', EFFORTS),
    errorLevel: choice(given.text('error-level') ?? 'L', 'error-level', qrErrorLevels),
  };
}

/** The same with the keys. The certificates are checked here, once for all credentials. */
export async function encodingOf(
  given: Given,
  opened: Opened,
  manner: Manner,
): Promise<EncodeOptions & Manner> {
  const key = await openKey(opened, given);
  const signer = key.use(signingAlgorithm(key, given.text('algorithm')));
  const reader = await readerFor(given, opened);
  const certificates = await certificatesOf(given, signer);
  return {
    ...manner,
    signer,
    ...(certificates && { certificates }),
    ...(reader && { encryptTo: reader }),
    allowService: given.has('allow-service'),
  };
}
