/**
 * Every target. A new decoder gets a file here and a line in this list.
 *
 * @module
 */
import type { Target } from '../target.ts';
import { base45 } from './base45.ts';
import { cbor } from './cbor.ts';
import { claim169 } from './claim169.ts';
import { cose } from './cose.ts';
import { cwt } from './cwt.ts';
import { der } from './der.ts';
import { jwsJson } from './jws-json.ts';
import { keyRef } from './key-ref.ts';

/** The targets, in the order they run. */
export const targets: readonly Target[] = [claim169, cose, der, cbor, cwt, base45, keyRef, jwsJson];
