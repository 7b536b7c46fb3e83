/**
 * Policies: what must hold before an object may be used (Part 1 §19.7).
 *
 * @module
 */
import { Failure } from '../../errors.ts';
import { decodeTpm, encodeTpm } from '../../protocols/tpm/codec.ts';
import { pcrRead } from '../../protocols/tpm/commands/device.ts';
import {
  policyAuthValue,
  policyGetDigest,
  policyPcr,
  policyPcrRequest,
} from '../../protocols/tpm/commands/sessions.ts';
import type { TpmHash } from '../../protocols/tpm/identifiers.ts';
import type { PolicyStep } from '../../protocols/tpm/key-file.ts';
import { handleName } from '../../protocols/tpm/name.ts';
import type { TpmSession } from '../../protocols/tpm/session.ts';
import type { PcrSelection } from '../../protocols/tpm/structures.ts';
import { nodeCrypto } from './crypto.ts';
import type { Tpm } from './tpm.ts';

const EMPTY = new Uint8Array();

/** The step that asks for the object's authorization value as well. */
const AUTH_VALUE: PolicyStep = { commandCode: policyAuthValue.code, parameters: EMPTY };

/** Whether a policy asks for the object's authorization value. */
export function asksForValue(steps: readonly PolicyStep[]): boolean {
  return steps.some(({ commandCode }) => commandCode === policyAuthValue.code);
}

/** A policy that holds while registers have the values that they have now. */
export async function policyOfNow(
  tpm: Tpm,
  pcrs: readonly PcrSelection[],
  hasValue: boolean,
): Promise<readonly PolicyStep[]> {
  const pcrDigest = nodeCrypto.hash('SHA-256', ...(await readPcrs(tpm, pcrs)));
  return policyOf({ pcrDigest, pcrs }, hasValue);
}

/** The same, to be met with whatever values the registers have when it is: the object itself knows the right ones. */
export function policyOfAnyTime(pcrs: readonly PcrSelection[], hasValue: boolean): readonly PolicyStep[] {
  return policyOf({ pcrDigest: EMPTY, pcrs }, hasValue);
}

function policyOf(
  request: { readonly pcrDigest: Uint8Array; readonly pcrs: readonly PcrSelection[] },
  hasValue: boolean,
): readonly PolicyStep[] {
  const step = { commandCode: policyPcr.code, parameters: encodeTpm(policyPcrRequest, request) };
  return hasValue ? [step, AUTH_VALUE] : [step];
}

/** The digest that an object made for a policy has in its public area. */
export async function policyDigest(
  tpm: Tpm,
  steps: readonly PolicyStep[],
  hash: TpmHash,
): Promise<Uint8Array> {
  const session = await tpm.otherSession('trial', hash);
  try {
    await takeSteps(tpm, session, steps);
    const { response } = await tpm.execute(policyGetDigest, {}, { handles: [sessionHandle(session)] });
    return response.policyDigest.slice();
  } finally {
    await tpm.flush(session.handle);
  }
}

/** Takes the steps of a policy. Throws `DENIED` when one does not hold, `UNSUPPORTED` for one that is not known. */
export async function takeSteps(tpm: Tpm, session: TpmSession, steps: readonly PolicyStep[]): Promise<void> {
  const handles = [sessionHandle(session)];
  for (const { commandCode, parameters } of steps) {
    if (commandCode === policyPcr.code) {
      const request = decodeTpm(policyPcrRequest, parameters, 'tpm.policy');
      await tpm.execute(policyPcr, request, { handles });
    } else if (commandCode === policyAuthValue.code) {
      await tpm.execute(policyAuthValue, {}, { handles });
    } else {
      throw new Failure('UNSUPPORTED', 'a policy with a step that is not known', { field: 'tpm.policy' });
    }
  }
}

/** The values of registers, in the order of the selection. Throws `UNSUPPORTED` for some that there are not. */
export async function readPcrs(tpm: Tpm, pcrs: readonly PcrSelection[]): Promise<readonly Uint8Array[]> {
  const values: Uint8Array[] = [];
  let wanted = pcrs;
  while (wanted.some(({ select }) => select.some((byte) => byte !== 0))) {
    const { response } = await tpm.execute(pcrRead, { pcrSelectionIn: wanted });
    if (response.pcrValues.length === 0) {
      throw new Failure('UNSUPPORTED', 'the TPM does not have these registers', { field: 'tpm.pcrs' });
    }
    values.push(...response.pcrValues);
    wanted = without(wanted, response.pcrSelectionOut);
  }
  return values;
}

/** What is left to be read: a TPM gives eight values at a time. */
function without(wanted: readonly PcrSelection[], read: readonly PcrSelection[]): readonly PcrSelection[] {
  return wanted.map(({ hash, select }) => {
    const got = read.find((one) => one.hash === hash)?.select ?? EMPTY;
    return { hash, select: select.map((byte, at) => byte & ~(got[at] ?? 0)) };
  });
}

function sessionHandle({ handle }: TpmSession): { readonly handle: number; readonly name: Uint8Array } {
  return { handle, name: handleName(handle) };
}
