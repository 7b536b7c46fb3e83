/**
 * What KMS says of a key, put together from what the caller may ask.
 *
 * @module
 */
import { importPublicKey } from '../../core/import-public-key.ts';
import type { KeyState } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import type { AwsKeyName } from '../../core/refs/aws.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import { aliasOf, isKeyArn } from './address.ts';
import { isAsymmetric } from './algorithms.ts';
import type { KeyMetadata, Output } from './calls.ts';
import type { Service } from './client.ts';
import { anotherKey, notAnswered } from './failures.ts';
import { type Marks, readMarks } from './marks.ts';

/** A key as KMS has it. */
export interface Description extends Marks {
  readonly arn: string;
  readonly spec: string;
  readonly usage: string;
  readonly state: KeyState;
  /** All that DescribeKey said; undefined where the caller may not ask. */
  readonly metadata: KeyMetadata | undefined;
  /** Undefined for symmetric keys, and while KMS does not show that of a disabled one. */
  readonly publicKey: PublicKey | undefined;
}

/** What the provider has seen at an endpoint: kept as long as it is. */
export interface Seen {
  /** Public halves, which never change, by the ARN of their key. */
  readonly publicKeys: Map<string, PublicKey>;
  /** The ARNs that names last led to. A guess: they are looked up all the same. */
  readonly arns: Map<string, string>;
}

/** What each endpoint showed. The word of one for a public key is not to be taken at another. */
export function seenByEndpoint(): (address: Pick<AwsKeyName, 'endpoint'>) => Seen {
  const seen = new Map<string | undefined, Seen>();
  return ({ endpoint }) => {
    const known = seen.get(endpoint) ?? { publicKeys: new Map(), arns: new Map() };
    seen.set(endpoint, known);
    return known;
  };
}

/** Where a key is looked up. */
export interface Lookup {
  readonly service: Service;
  readonly seen: Seen;
  readonly details: FailureDetails;
}

/**
 * Looks a key up by its name. What can be asked for at the same time is. A principal that may not describe
 * keys, and may read the public one, learns from that what it needs. Throws `DENIED` or `UNAVAILABLE` for a
 * key that cannot be used again.
 */
export async function describeKey(
  lookup: Lookup,
  { key }: AwsKeyName,
  options: CallOptions,
): Promise<Description> {
  const { service, seen, details } = lookup;
  const guess = isKeyArn(key) ? key : seen.arns.get(key);
  const isSeen = guess !== undefined && seen.publicKeys.has(guess);
  const [described, shown] = await Promise.allSettled([
    service.call('DescribeKey', { KeyId: key }, options, details),
    isSeen ? undefined : service.call('GetPublicKey', { KeyId: key }, options, details),
  ]);
  const found = metadataOf(described, details) ?? fromPublicKey(shown, described, details);
  checkArn(key, found.arn, details);
  const { arn, spec, state } = found;
  const marks = readMarks(found.metadata?.Description);
  const publicKey = isAsymmetric(spec) ? await publicKeyOf(lookup, arn, state, shown, options) : undefined;
  seen.arns.set(key, arn);
  return { ...found, ...marks, state: stateWith(state, marks), publicKey };
}

type Found = Pick<Description, 'arn' | 'spec' | 'usage' | 'state' | 'metadata'>;

/** What the description says; undefined where the caller may not have one. */
function metadataOf(
  described: PromiseSettledResult<Output<'DescribeKey'>>,
  details: FailureDetails,
): Found | undefined {
  if (described.status === 'rejected') {
    if (isFailure(described.reason, 'DENIED')) return undefined;
    throw described.reason;
  }
  const { KeyMetadata: metadata } = described.value;
  const { Arn: arn, KeySpec: spec, KeyUsage: usage = 'ENCRYPT_DECRYPT' } = metadata ?? {};
  if (metadata === undefined || arn === undefined || spec === undefined) throw notAnswered(details);
  return { arn, spec, usage, state: stateOf(metadata, details), metadata };
}

/** What the public half says. Where that is refused as well, the description's refusal is the answer. */
function fromPublicKey(
  shown: PromiseSettledResult<Output<'GetPublicKey'> | undefined>,
  described: PromiseSettledResult<unknown>,
  details: FailureDetails,
): Found {
  const {
    KeyId: arn,
    KeySpec: spec,
    KeyUsage: usage,
  } = (shown.status === 'fulfilled' ? shown.value : undefined) ?? {};
  if (arn !== undefined && spec !== undefined && usage !== undefined) {
    return { arn, spec, usage, state: 'active', metadata: undefined };
  }
  throw described.status === 'rejected' ? described.reason : notAnswered(details);
}

/** An alias leads to any key; a key that is named by its id or ARN is that one. */
function checkArn(key: string, arn: string, details: FailureDetails): void {
  const isMeant = aliasOf({ key }) !== undefined || arn === key || arn.endsWith(`:key/${key}`);
  if (!isMeant || !isKeyArn(arn)) throw anotherKey(arn, details);
}

/** The public half: as it is known, as it was shown, or asked for again where an alias moved in between. */
async function publicKeyOf(
  { service, seen, details }: Lookup,
  arn: string,
  state: KeyState,
  shown: PromiseSettledResult<Output<'GetPublicKey'> | undefined>,
  options: CallOptions,
): Promise<PublicKey | undefined> {
  const kept = seen.publicKeys.get(arn);
  if (kept !== undefined) return kept;
  if (shown.status === 'rejected') {
    if (state === 'suspended' && isFailure(shown.reason, 'DENIED')) return undefined;
    throw shown.reason;
  }
  const answer =
    shown.value?.KeyId === arn
      ? shown.value
      : await service.call('GetPublicKey', { KeyId: arn }, options, details);
  if (answer.KeyId !== arn) throw anotherKey(answer.KeyId, details);
  if (answer.PublicKey === undefined) throw notAnswered(details);
  const publicKey = await importPublicKey(answer.PublicKey);
  seen.publicKeys.set(arn, publicKey);
  return publicKey;
}

/** Developer Guide, "Key states of AWS KMS keys". What only an administrator leads out of is refused. */
function stateOf({ KeyState }: KeyMetadata, details: FailureDetails): KeyState {
  const about = { ...details, field: 'state' };
  const state = KeyState !== undefined && Object.hasOwn(STATES, KeyState) ? STATES[KeyState] : undefined;
  if (state === undefined) throw new Failure('UNAVAILABLE', 'the key is not ready', about);
  if (typeof state === 'string') return state;
  throw new Failure(state[0], state[1], about);
}

const DELETED = 'the key awaits its deletion, which CancelKeyDeletion can still undo';

const STATES: Readonly<Record<string, KeyState | readonly ['DENIED' | 'UNAVAILABLE', string]>> = {
  Enabled: 'active',
  Disabled: 'suspended',
  PendingDeletion: ['DENIED', DELETED],
  PendingReplicaDeletion: ['DENIED', DELETED],
  PendingImport: ['DENIED', 'the key has no material: it was never imported, or has expired'],
  Unavailable: ['UNAVAILABLE', 'the custom key store of the key is disconnected'],
};

function stateWith(state: KeyState, { mark }: Marks): KeyState {
  return state === 'active' && mark === 'compromised' ? mark : state;
}
