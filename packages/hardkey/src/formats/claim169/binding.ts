/**
 * The claims that bind a credential to something outside of it: the key of its bearer, and its status.
 *
 * @module
 */
import type { PublicKey } from '../../core/public-key.ts';
import type { Check } from '../../core/trust/trust.ts';
import { isFailure } from '../../errors.ts';
import { type Accept, checkAccepted, notAccepted } from '../cwt/accepted.ts';
import type { DecodedCwt } from '../cwt/claims.ts';
import { type Confirmation, checkConfirmation, confirmationOf } from '../cwt/confirmation.ts';
import { type CwtStatus, statusOf } from '../cwt/status.ts';
import type { Warning } from './warnings.ts';

/** What a verifier may ask of such claims. */
export interface BindingOptions {
  /** The key the bearer has proved to have: the confirmation claim must name it. */
  readonly holder?: PublicKey;
  /** Asked about the status claim, where there is one. Only `true` accepts. */
  readonly acceptStatus?: Accept<CwtStatus>;
  /**
   * Asked about the id of a credential, where it has one and everything else is good: whoever remembers
   * ids refuses a credential that is shown twice. Only `true` accepts.
   */
  readonly acceptCwtId?: Accept<Uint8Array>;
}

/** What there is of them. */
export interface Binding {
  readonly confirmation?: Confirmation;
  readonly credentialStatus?: CwtStatus;
  readonly checks: readonly Check[];
  readonly warnings: readonly Warning[];
}

const NONE: Binding = { checks: [], warnings: [] };

/** Reads and checks them. Throws `VERIFICATION_FAILED`, check `cwt.confirmation` or `cwt.status`. */
export function bindingOf(cwt: DecodedCwt, options: BindingOptions): Binding | Promise<Binding> {
  // The identity alone is no such claim, and nothing else is there in most credentials.
  return cwt.others.length === 1 && options.holder === undefined ? NONE : readBinding(cwt, options);
}

async function readBinding(cwt: DecodedCwt, { holder, acceptStatus }: BindingOptions): Promise<Binding> {
  const warnings: Warning[] = [];
  const confirmation = await orWarning('confirmation', warnings, () => confirmationOf(cwt));
  const credentialStatus = await orWarning('status', warnings, async () => statusOf(cwt));
  const checks: Check[] = [];
  if (holder !== undefined) {
    checkConfirmation(confirmation, holder);
    checks.push({ name: 'cwt.confirmation', passed: true });
  }
  if (acceptStatus !== undefined && warnings.some(({ path }) => path === 'meta.status')) {
    throw notAccepted('cwt.status');
  }
  checks.push(...(await checkAccepted('cwt.status', credentialStatus, acceptStatus)));
  return {
    ...(confirmation && { confirmation }),
    ...(credentialStatus && { credentialStatus }),
    checks,
    warnings,
  };
}

/** A claim of another type stays in `meta.unknown`, and is no reason to refuse a genuine credential. */
async function orWarning<T>(
  name: 'confirmation' | 'status',
  warnings: Warning[],
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (failure) {
    if (!isFailure(failure, 'MALFORMED')) throw failure;
    const message = 'the claim holds another type than it should and was kept as it is';
    warnings.push({ code: 'field-type', path: `meta.${name}`, message });
    return undefined;
  }
}
