/**
 * A configured signer: its pinned public key, and its program in one of the two modes.
 *
 * @module
 */
import { basename } from 'node:path';
import { importPublicKey } from '../../core/import-public-key.ts';
import type { Key, KeyInfo } from '../../core/key.ts';
import { keyRef } from '../../core/key-ref.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { keyFits } from '../../core/verify.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import type { SignerOperation } from '../../protocols/signer/messages.ts';
import type { OnceSettings, PersistentSettings, Settings } from './config.ts';
import { type Abilities, execKey } from './key.ts';
import { onceSigner } from './once.ts';
import { checkLength, signatureLength } from './output.ts';
import { workersOf } from './workers.ts';

/** A signer of the configuration. */
export interface ExecSigner {
  /** What is known without running the program. */
  info(): Promise<ExecInfo>;
  /** Opens the key. A persistent program is started and asked for it. */
  open(options: CallOptions): Promise<Key>;
  close(): Promise<void>;
}

/** What is known of a signer's key. */
export type ExecInfo = KeyInfo & { readonly publicKey: PublicKey };

/** A signer that has not run anything yet. */
export function execSigner(settings: OnceSettings | PersistentSettings): ExecSigner {
  const details = { provider: 'exec', ref: `exec:${settings.name}` };
  let made: Promise<Ready> | undefined;
  let mode: Mode | undefined;

  async function make(): Promise<Ready> {
    const info = await infoOf(settings);
    mode = modeOf(settings, info.publicKey, details);
    return { info, mode };
  }

  /** Made once; what fails is tried again. */
  async function ready(): Promise<Ready> {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  }

  return {
    info: async () => (await ready()).info,
    async open(options) {
      const { info, mode: ours } = await ready();
      return execKey(info, settings.facts, await ours.able(options));
    },
    async close() {
      // Without a mode nothing was run yet; one that is being made is waited for.
      if (mode === undefined) await made?.catch(() => undefined);
      await mode?.close();
    },
  };
}

interface Ready {
  readonly info: ExecInfo;
  readonly mode: Mode;
}

/** One of the two ways to run a program. */
interface Mode {
  able(options: CallOptions): Promise<Abilities>;
  close(): Promise<void>;
}

function modeOf(
  settings: OnceSettings | PersistentSettings,
  publicKey: PublicKey,
  details: FailureDetails,
): Mode {
  const length = signatureLength(settings.facts, publicKey);
  return settings.mode === 'once'
    ? onceMode(settings, length, details)
    : persistentMode(settings, publicKey, length, details);
}

function onceMode(settings: OnceSettings, length: number, details: FailureDetails): Mode {
  const signer = onceSigner(settings);
  const abilities: Abilities = {
    maxMessage: Number.POSITIVE_INFINITY,
    sign: (message, options) => signer.sign(message, length, options, details),
  };
  return { able: async () => abilities, close: () => signer.close() };
}

function persistentMode(
  settings: PersistentSettings,
  publicKey: PublicKey,
  length: number,
  details: FailureDetails,
): Mode {
  const { key: name, facts } = settings;
  const workers = workersOf(settings, publicKey);
  const ask = (op: SignerOperation) => async (data: Uint8Array, options: CallOptions) => {
    const signature = await workers.request({ op, key: name, alg: facts.name, data }, options, details);
    return checkLength(signature, length, details);
  };
  return {
    async able(options) {
      const { key, maxMessage } = await workers.offer(options, details);
      const digests = key.ops.includes('signDigest') ? { signDigest: ask('signDigest') } : {};
      return { maxMessage, sign: ask('sign'), ...digests };
    },
    close: () => workers.close(),
  };
}

async function infoOf({ name, command, facts, publicKey: source }: Settings): Promise<ExecInfo> {
  const publicKey = await importPublicKey(source);
  if (!keyFits(publicKey, facts)) {
    throw new Failure('ARGUMENT_INVALID', 'the public key is not for this algorithm', {
      algorithm: facts.name,
      field: `exec.signers.${name}.publicKey`,
    });
  }
  return Object.freeze({
    ref: keyRef('exec', name),
    id: publicKey.id,
    label: name,
    algorithms: Object.freeze([facts.name]),
    state: 'active',
    custody: Object.freeze({
      place: 'program',
      level: 'claimed',
      facts: Object.freeze({ command: basename(command[0]) }),
    }),
    publicKey,
  });
}
