/**
 * What every part of the provider works with: the settings, and turns at the devices.
 *
 * @module
 */
import type { KeyRef } from '../../core/key-ref.ts';
import { checkLimits } from '../../core/limits.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { SecretSource } from '../../core/secret.ts';
import { erasable } from '../../encoding/bytes.ts';
import { Failure, type FailureDetails, isFailure } from '../../errors.ts';
import type { Authorization } from '../../protocols/tpm/authorization.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import { authValueMost } from '../../protocols/tpm/templates.ts';
import type { TpmSettings } from './config.ts';
import { unavailable } from './failures.ts';
import { type Owner, ownerOf } from './owner.ts';
import type { ChildSource, PrimarySource } from './slots.ts';
import type { Tpm, TurnSettings } from './tpm.ts';

/** What every part of the provider works with. */
export interface Context {
  readonly settings: TpmSettings;
  /** Runs `act` in a turn at a device. After closing everything is `UNAVAILABLE`. */
  run<T>(
    device: string,
    options: CallOptions,
    details: FailureDetails,
    act: (tpm: Tpm) => Promise<T>,
    cleanUp?: () => void,
  ): Promise<T>;
  /** Throws when a call is over before it began, or the provider is closed. */
  ready(options: CallOptions, details: FailureDetails): void;
  /** How a hierarchy is authorized. */
  hierarchy(tpm: Tpm, handle: number): Promise<Authorization>;
  /**
   * The authorization value of a key, as `auth` of the configuration gives it; empty without one. A copy,
   * which the caller zeroes.
   */
  valueOf(ref: KeyRef): Promise<Uint8Array>;
  /** The same, as somebody gives it who is asked; empty where nobody can be. */
  askedValueOf(ref: KeyRef): Promise<Uint8Array>;
  /**
   * Keys, by name, whose authorization value was wrong and counted. They are not tried again: so many
   * wrong values lock the whole TPM.
   */
  readonly refused: Map<string, Failure>;
  close(): Promise<void>;
}

/** Making a key may take so many times as long as an answer. */
const SLOWER = 30;

/** The context of one provider. */
export function contextOf(settings: TpmSettings): Context {
  const owners = new Map<string, Owner>();
  let closing: Promise<unknown> | undefined;

  const turn: TurnSettings = {
    timeoutMs: settings.timeoutMs,
    slowMs: SLOWER * settings.timeoutMs,
    ownerIsOpen: settings.ownerAuth === undefined,
    alwaysInSession: settings.sessions === 'always',
    authorizeParent,
  };

  function owner(device: string): Owner {
    const known = owners.get(device) ?? ownerOf(device);
    owners.set(device, known);
    return known;
  }

  function ready(options: CallOptions, details: FailureDetails): void {
    if (closing !== undefined) throw unavailable('the provider was closed', details);
    checkLimits(options, details);
  }

  /** A primary key is made by authority of its hierarchy; a parent has no authorization value. */
  async function authorizeParent(tpm: Tpm, source: PrimarySource | ChildSource): Promise<Authorization> {
    return source.kind === 'primary' ? hierarchy(tpm, source.hierarchy) : { value: new Uint8Array() };
  }

  async function hierarchy(tpm: Tpm, handle: number): Promise<Authorization> {
    const source = HIERARCHIES[handle];
    const secret = source === undefined ? undefined : settings[source];
    if (secret === undefined) return { value: new Uint8Array() };
    const value = await bytesOf(secret, `tpm.${source}`);
    return { session: await tpm.session(), value };
  }

  return {
    settings,
    refused: new Map(),
    ready,
    async run(device, options, details, act, cleanUp = () => {}) {
      ready(options, details);
      try {
        return await owner(device).run(options, turn, details, act, cleanUp);
      } catch (error) {
        throw about(error, details);
      }
    },
    hierarchy,
    async valueOf(ref) {
      const { auth } = settings;
      return auth === undefined ? new Uint8Array() : bytesOf(() => auth(ref), 'tpm.auth');
    },
    async askedValueOf(ref) {
      const { askAuth } = settings;
      return askAuth === undefined ? new Uint8Array() : bytesOf(() => askAuth(ref), 'tpm.askAuth');
    },
    async close() {
      closing ??= Promise.all([...owners.values()].map((one) => one.release()));
      await closing;
    },
  };
}

/** A failure of the TPM's, with what the call was about. */
function about(error: unknown, details: FailureDetails): unknown {
  if (!isFailure(error) || details.ref === undefined || error.details.ref !== undefined) return error;
  return new Failure(error.code, error.message, { ...error.details, ...details }, error.cause);
}

const HIERARCHIES: Readonly<Record<number, 'ownerAuth' | 'endorsementAuth'>> = {
  [permanent.owner]: 'ownerAuth',
  [permanent.endorsement]: 'endorsementAuth',
};

/** A copy of a secret, which the caller zeroes. Throws `ARGUMENT_INVALID` for one that no TPM takes. */
async function bytesOf(source: SecretSource, field: string): Promise<Uint8Array> {
  const secret = await source();
  const value = secret.use((bytes) => erasable(bytes));
  secret[Symbol.dispose]();
  if (value.length <= authValueMost) return value;
  value.fill(0);
  throw new Failure('ARGUMENT_INVALID', `an authorization value has ${authValueMost} bytes at most`, {
    field,
  });
}
