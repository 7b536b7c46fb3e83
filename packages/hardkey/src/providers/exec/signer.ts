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

/** What one mode makes of its settings: abilities, once the key is known, and an end. */
interface Mode {
  able(publicKey: PublicKey, options: CallOptions, details: FailureDetails): Promise<Abilities>;
  close(): Promise<void>;
}

/** A signer that has not run anything yet. */
export function execSigner(settings: OnceSettings | PersistentSettings): ExecSigner {
  const { name, facts } = settings;
  const details = { provider: 'exec', ref: `exec:${name}` };
  const mode = settings.mode === 'once' ? onceMode(settings) : persistentMode(settings);
  let known: ExecInfo | undefined;

  async function info(): Promise<ExecInfo> {
    known ??= await infoOf(settings);
    return known;
  }

  return {
    info,
    async open(options) {
      const found = await info();
      return execKey(found, facts, await mode.able(found.publicKey, options, details));
    },
    close: () => mode.close(),
  };

  function onceMode(once: OnceSettings): Mode {
    const signer = onceSigner(once);
    return {
      async able(publicKey) {
        const length = signatureLength(facts, publicKey);
        return {
          maxMessage: Number.POSITIVE_INFINITY,
          sign: (message, options) => signer.sign(message, length, options, details),
        };
      },
      close: () => signer.close(),
    };
  }

  function persistentMode(persistent: PersistentSettings): Mode {
    const workers = workersOf(persistent);
    return {
      async able(publicKey, opening, own) {
        const { key, maxMessage } = await workers.offer(publicKey, opening, own);
        const length = signatureLength(facts, publicKey);
        const asked = (op: 'sign' | 'signDigest') => async (data: Uint8Array, options: CallOptions) => {
          const content = { op, key: persistent.key, alg: facts.name, data };
          return checkLength(await workers.request(content, publicKey, options, own), length, own);
        };
        return {
          maxMessage,
          sign: asked('sign'),
          ...(key.ops.includes('signDigest') ? { signDigest: asked('signDigest') } : {}),
        };
      },
      close: () => workers.close(),
    };
  }
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
