/**
 * An object that can be used: where it comes from, and what opens it.
 *
 * @module
 */
import { hasAttribute } from '../../protocols/tpm/attributes.ts';
import type { Authorization } from '../../protocols/tpm/authorization.ts';
import type { TpmCommand } from '../../protocols/tpm/command.ts';
import type { PolicyStep } from '../../protocols/tpm/key-file.ts';
import type { PublicArea } from '../../protocols/tpm/public-area.ts';
import { sessionHash } from '../../protocols/tpm/session.ts';
import type { Answer } from './client.ts';
import { asksForValue, takeSteps } from './policy.ts';
import type { ObjectSource } from './slots.ts';
import type { Tpm } from './tpm.ts';

/** An object that can be used. */
export interface TpmObject {
  readonly source: ObjectSource;
  readonly publicArea: PublicArea;
  /** Absent where the authorization value alone opens it. */
  readonly policy?: readonly PolicyStep[];
  /** The authorization value; empty where there is none. */
  readonly value: Uint8Array;
}

/** What an object is without the value that opens it. */
export type ClosedObject = Omit<TpmObject, 'value'>;

/**
 * Runs a command on objects, in the order of its handles. A value is proved in a salted session, never
 * sent; that of the first object also hides parameters that are secret, and where keys are always used in a
 * session, those that could be.
 */
export async function executeOn<Q extends object, S extends object>(
  tpm: Tpm,
  asUsual: TpmCommand<Q, S>,
  request: Q,
  objects: readonly TpmObject[],
): Promise<Answer<S>> {
  const command = tpm.isAlwaysInSession() && asUsual.canHide ? hiding(asUsual) : asUsual;
  const proofs: Proof[] = [];
  try {
    for (const [at, object] of objects.slice(0, command.auths).entries()) {
      proofs.push(await prove(tpm, object, at === 0, command));
    }
    const sources = objects.map(({ source }) => source);
    const handles = [];
    for (const source of sources) handles.push(await tpm.load(source, sources));
    const authorizations = proofs.map(({ authorization }) => authorization);
    return await tpm.execute(command, request, { handles, authorizations });
  } finally {
    for (const { flush } of proofs) if (flush !== undefined) await tpm.flush(flush);
  }
}

function hiding<Q extends object, S extends object>(command: TpmCommand<Q, S>): TpmCommand<Q, S> {
  return { ...command, secret: { ...command.secret, request: true } };
}

type AnyCommand = Pick<TpmCommand<object, object>, 'secret' | 'isAdministered'>;

interface Proof {
  readonly authorization: Authorization;
  /** A session that was begun for this command alone. */
  readonly flush?: number;
}

async function prove(
  tpm: Tpm,
  { policy, publicArea, value }: TpmObject,
  isFirst: boolean,
  { secret, isAdministered }: AnyCommand,
): Promise<Proof> {
  // Part 1 §19.2: a policy opens this role only where it names the command, and the value does unless it must not.
  const byValue = isFirst && isAdministered && !hasAttribute(publicArea.objectAttributes, 'adminWithPolicy');
  if (policy === undefined || byValue) {
    // Whoever is on the bus learns nothing from a value that is empty, and may use the object as we do.
    const hides = isFirst && (secret.request || secret.response);
    if (value.length === 0 && !hides && !tpm.isAlwaysInSession()) return { authorization: { value } };
    if (isFirst) return { authorization: { session: await tpm.session(), value } };
    const session = await tpm.otherSession('hmac', sessionHash);
    return { authorization: { session, value }, flush: session.handle };
  }
  const session = await tpm.otherSession('policy', publicArea.nameAlg);
  try {
    await takeSteps(tpm, session, policy);
    return { authorization: { session, value, provesValue: asksForValue(policy) }, flush: session.handle };
  } catch (error) {
    await tpm.flush(session.handle);
    throw error;
  }
}
