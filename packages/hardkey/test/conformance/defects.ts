// One defect for each row: what a provider may get wrong, and the one case that must notice.
import {
  Failure,
  isFailure,
  type Key,
  type KeyInfo,
  type KeyProvider,
  type PublicKey,
  parseKeyRef,
} from 'hardkey';
import {
  type Intercepted,
  type Interceptor,
  interceptKey,
  interceptProvider,
} from '../../src/testing/intercept.ts';
import type { Backend } from './model.ts';

/** Makes a provider worse. */
export type Defect = (provider: KeyProvider, backend: Backend) => KeyProvider;

interface Row {
  readonly breaks: string;
  readonly because: string;
  readonly defect: Defect;
}

/** What leaks, to be stopped when the test is over. */
export const leaks: NodeJS.Timeout[] = [];

const pass: Interceptor = async ({ next }) => next();

/** Surrounds the calls of the provider. */
const onProvider =
  (around: (call: Intercepted, backend: Backend, provider: KeyProvider) => Promise<unknown>): Defect =>
  (provider, backend) =>
    interceptProvider(
      provider,
      (call) => around(call, backend, provider),
      (key) => key,
    );

/** Surrounds the operations of its keys. */
const onKeys =
  (make: (backend: Backend) => Interceptor): Defect =>
  (provider, backend) => {
    const around = make(backend);
    return interceptProvider(provider, pass, (key) => interceptKey(key, around));
  };

/** Changes the keys themselves. */
const keysAre =
  (change: (key: Key, backend: Backend) => Key): Defect =>
  (provider, backend) =>
    interceptProvider(provider, pass, (key) => change(key, backend));

/** Surrounds one operation with one algorithm. */
const onOperation = (
  operation: string,
  algorithm: string,
  around: (call: Intercepted, backend: Backend) => unknown,
): Defect => onAny((call) => call.operation === operation && call.algorithm === algorithm, around);

const onAny = (
  meets: (call: Intercepted) => boolean,
  around: (call: Intercepted, backend: Backend) => unknown,
): Defect => onKeys((backend) => async (call) => (meets(call) ? around(call, backend) : call.next()));

const bytes = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());
const flipped = (value: unknown): Uint8Array => bytes(value).map((byte, at) => (at === 7 ? byte ^ 1 : byte));
const labelled = (key: KeyInfo, label: string): boolean => key.label === label;

/** Runs `act`, and answers in place of a failure that `answer` knows one for. */
async function instead(act: () => unknown, answer: (failure: Failure) => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const other = answer(error);
    if (other === undefined) throw error;
    return other;
  }
}

function refuse(...parameters: ConstructorParameters<typeof Failure>): never {
  throw new Failure(...parameters);
}

/** The same P-256 key with its point compressed: right, and not in its one DER form (RFC 5480 §2.2). */
function compressed(key: PublicKey): PublicKey {
  const [x, y] = [key.spki.subarray(27, 59), key.spki.subarray(59)];
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  return { ...key, spki: Buffer.concat([head, Uint8Array.of(2 + ((y.at(-1) ?? 0) & 1)), x]) };
}

const SIGNS = 'every signature verifies outside the provider and is as long as its algorithm says';
const DIGESTS = 'a digest is signed as its message is, or digests are UNSUPPORTED';
const CLAIMS = 'a key claims what its subject says, and refuses the rest as UNSUPPORTED without a request';
const MALFORMED = 'a malformed reference is ARGUMENT_INVALID, and no request is sent';
const DOWN = 'a backend that is down is UNAVAILABLE, and the next call after it is up succeeds';
const BEFORE = 'a call that was aborted before rejects with the reason, and sends no request';
const STAYS = 'public keys are canonical and the same at every open';
const DECRYPTS = 'decrypting fails alike for wrong data, tag, nonce, key and length';
const UNWRAPS = 'unwrapping fails alike for wrong bytes, key and length';
const LISTS = 'every key that is listed opens as what the list says';
const CANARY = 'no secret and no message is in a failure, a printed object or a log';
const CLOSED = 'after closing every call is UNAVAILABLE, also of keys that were open';
const ROTATED = 'after a rotation the new version encrypts, and the old one decrypts and does not encrypt';

/** Every defect. */
export const defects: readonly Row[] = [
  {
    breaks: 'the provider is for contract 1 and opens the schemes it names',
    because: 'names another scheme',
    defect: (provider) => ({ ...provider, schemes: ['other'] }),
  },
  {
    breaks: 'a missing key is KEY_NOT_FOUND',
    because: 'takes a missing key for a forbidden one',
    defect: onProvider(async ({ operation, args, next }) =>
      operation === 'open' && String(args[0]) === 'model:none' ? refuse('DENIED', 'no') : next(),
    ),
  },
  {
    breaks: MALFORMED,
    because: 'takes a bad reference for one to no key',
    defect: onProvider(async ({ next }) =>
      instead(next, ({ code }) =>
        code === 'ARGUMENT_INVALID' ? refuse('KEY_NOT_FOUND', 'no such key') : undefined,
      ),
    ),
  },
  {
    breaks: MALFORMED,
    because: 'asks the backend before it reads the reference',
    defect: onProvider(async ({ args, next }, backend) => {
      if (String(args[0]).includes('/')) backend.requests += 1;
      return next();
    }),
  },
  {
    breaks: 'the reference of an open key opens that very key',
    because: 'gives a key the reference of another',
    defect: keysAre((key) =>
      labelled(key, 'HS256') ? { ...key, ref: parseKeyRef('model:A128KW?version=1') } : key,
    ),
  },
  {
    breaks: 'rejected credentials are DENIED',
    because: 'takes a refusal for an outage',
    defect: onProvider(async ({ operation, next }) =>
      instead(next, ({ code }) =>
        operation === 'open' && code === 'DENIED' ? refuse('UNAVAILABLE', 'no answer') : undefined,
      ),
    ),
  },
  {
    breaks: DOWN,
    because: 'takes an outage for a missing key',
    defect: onProvider(async ({ next }, backend) =>
      instead(next, () => (backend.down ? refuse('KEY_NOT_FOUND', 'no such key') : undefined)),
    ),
  },
  {
    breaks: DOWN,
    because: 'keeps its failure to connect',
    defect: (provider, backend) => {
      let kept: Promise<unknown> | undefined;
      return interceptProvider(
        provider,
        async ({ next }) => {
          if (backend.down) kept ??= Promise.reject(new Failure('UNAVAILABLE', 'no connection'));
          return kept ?? next();
        },
        (key) => key,
      );
    },
  },
  {
    breaks: BEFORE,
    because: 'rejects aborted calls with an error of its own',
    defect: onProvider(async ({ operation, options, next }) => {
      if (operation === 'check' && options.signal?.aborted) throw new Error('aborted');
      return next();
    }),
  },
  {
    breaks: BEFORE,
    because: 'sends aborted calls',
    defect: onKeys((backend) => async ({ options, next }) => {
      if (options.signal?.aborted) backend.requests += 1;
      return next();
    }),
  },
  {
    breaks: 'a call that is aborted under way rejects with the reason, at once',
    because: 'looks at the signal only at the beginning',
    defect: keysAre((key) => ({
      ...key,
      use(name) {
        const operation = key.use(name);
        if (!('sign' in operation)) return operation;
        const sign: typeof operation.sign = async (message, options) => {
          options?.signal?.throwIfAborted();
          return operation.sign(message);
        };
        return { ...operation, sign };
      },
    })),
  },
  {
    breaks: 'an abort leaves no unhandled rejection behind',
    because: 'rejects a promise that nobody has',
    defect: onKeys((backend) => async ({ options: { signal }, next }) => {
      signal?.addEventListener('abort', () => {
        if (backend.stalled === undefined) void Promise.reject(signal.reason);
      });
      return next();
    }),
  },
  {
    breaks: SIGNS,
    because: 'signs some messages wrongly',
    defect: onOperation('sign', 'RS256', async ({ args, next }) =>
      bytes(args[0]).length === 21 ? flipped(await next()) : next(),
    ),
  },
  {
    breaks: SIGNS,
    because: 'drops a byte of some signatures',
    defect: onOperation('sign', 'ES256', async ({ args, key, next }) => {
      // Only there: elsewhere this message is signed with keys that were created.
      const drops = bytes(args[0]).length === 21 && key !== undefined && labelled(key, 'ES256');
      return drops ? bytes(await next()).slice(1) : next();
    }),
  },
  {
    breaks: SIGNS,
    because: 'shows another public key with a signer',
    defect: keysAre((key) => ({
      ...key,
      use(name) {
        const operation = key.use(name);
        if (!('sign' in operation) || name !== 'RS256') return operation;
        return { ...operation, publicKey: { ...operation.publicKey, fingerprint: 'sha256:00' } };
      },
    })),
  },
  {
    breaks: DIGESTS,
    because: 'signs the digest of a digest',
    defect: onOperation('signDigest', 'RS256', async ({ args, next }) =>
      bytes(args[0]).length === 32 ? flipped(await next()) : next(),
    ),
  },
  {
    breaks: DIGESTS,
    because: 'signs digests of any length',
    defect: onOperation('signDigest', 'RS256', ({ next }) => instead(next, () => new Uint8Array(256))),
  },
  {
    breaks: DIGESTS,
    because: 'promises to sign digests and cannot',
    defect: keysAre((key) => ({
      ...key,
      useDigest(algorithm) {
        if (algorithm === 'RS256') return key.useDigest(algorithm);
        const signDigest = async (): Promise<Uint8Array> => refuse('UNSUPPORTED', 'no digests');
        return { algorithm, key, publicKey: key.publicKey ?? refuse('UNSUPPORTED', 'no key'), signDigest };
      },
    })),
  },
  {
    breaks: 'what is encrypted decrypts, with a nonce of its own each time',
    because: 'uses a nonce twice',
    defect: keysAre((key) => ({
      ...key,
      use(name) {
        const operation = key.use(name);
        if (!('encrypt' in operation)) return operation;
        const encrypt: typeof operation.encrypt = (plaintext, aad, options) =>
          operation.encrypt(plaintext, aad, { ...options, nonce: new Uint8Array(12) });
        return { ...operation, encrypt };
      },
    })),
  },
  {
    breaks: 'what is wrapped unwraps, also when somebody else wrapped it',
    because: 'unwraps only what it wrapped itself',
    defect: (() => {
      const own = new Set<string>();
      return onAny(
        ({ algorithm }) => algorithm === 'RSA-OAEP-256',
        async ({ operation, args, next }) => {
          const given = Buffer.from(bytes(args[0])).toString('hex');
          const made = await next();
          if (operation === 'wrap') own.add(Buffer.from(bytes(made)).toString('hex'));
          return operation === 'wrap' || own.has(given) ? made : refuse('DECRYPTION_FAILED', 'not mine');
        },
      );
    })(),
  },
  {
    breaks: 'codes are as long as the hash, and a wrong one is VERIFICATION_FAILED',
    because: 'accepts the end of a code',
    defect: onOperation('verifyMac', 'HS256', ({ args, next }) =>
      bytes(args[1]).length === 31 ? null : next(),
    ),
  },
  {
    breaks: 'both sides of an agreement have the same secret',
    because: 'hashes the shared secret',
    defect: onOperation('agree', 'ECDH-ES+A128KW', async ({ next }) => flipped(await next())),
  },
  {
    breaks: CLAIMS,
    because: 'does not list what a key can do',
    defect: (provider, backend) =>
      withList(
        keysAre((key) => (labelled(key, 'RS256') ? { ...key, algorithms: [] } : key))(provider, backend),
        (info) => (labelled(info, 'RS256') ? { ...info, algorithms: [] } : info),
      ),
  },
  {
    breaks: CLAIMS,
    because: 'binds keys to algorithms they are not for',
    defect: keysAre((key) => ({
      ...key,
      use: (name) => key.use(name === 'HS384' ? (key.algorithms[0] ?? name) : name) as never,
    })),
  },
  {
    breaks: CLAIMS,
    because: 'asks the backend what a key is for',
    defect: keysAre((key, backend) => ({
      ...key,
      use(name) {
        if (!key.algorithms.includes(name)) backend.requests += 1;
        return key.use(name);
      },
    })),
  },
  {
    breaks: 'messages of 0, 1, 4,096, 4,097 and 1,048,576 bytes are all taken',
    because: 'cuts messages at 4,096 bytes',
    defect: onKeys(
      () =>
        async ({ args, next }) =>
          bytes(args[0]).length === 4097 ? flipped(await next()) : next(),
    ),
  },
  {
    breaks: 'messages of 0, 1, 4,096, 4,097 and 1,048,576 bytes are all taken',
    because: 'encrypts nothing as something',
    defect: onOperation('decrypt', 'A256GCM', async ({ next }) => {
      const opened = bytes(await next());
      return opened.length === 0 ? Uint8Array.of(0) : opened;
    }),
  },
  {
    breaks: STAYS,
    because: 'shows public keys as the device encodes them',
    defect: keysAre((key) =>
      labelled(key, 'ECDH-ES.A128KW') && key.publicKey !== undefined
        ? { ...key, publicKey: compressed(key.publicKey) }
        : key,
    ),
  },
  {
    breaks: STAYS,
    because: 'shows another fingerprint',
    defect: keysAre((key) =>
      labelled(key, 'ECDH-ES.A128KW') && key.publicKey !== undefined
        ? { ...key, publicKey: { ...key.publicKey, fingerprint: key.publicKey.fingerprint.toUpperCase() } }
        : key,
    ),
  },
  {
    breaks: 'fifty signatures at once all verify',
    because: 'mixes up the answers to many calls',
    defect: onKeys(() => {
      let running = 0;
      return async ({ next }) => {
        running += 1;
        const crowded = running > 10;
        try {
          return crowded ? flipped(await next()) : await next();
        } finally {
          running -= 1;
        }
      };
    }),
  },
  {
    breaks: DECRYPTS,
    because: 'says that a ciphertext is too short',
    defect: onOperation('decrypt', 'A256GCM', ({ args, next }) =>
      instead(next, ({ code }) => {
        const { length } = (args[0] as { ciphertext: Uint8Array }).ciphertext;
        return code === 'DECRYPTION_FAILED' && length < 16 ? refuse(code, 'too short for a tag') : undefined;
      }),
    ),
  },
  {
    breaks: DECRYPTS,
    because: 'has another code for associated data',
    defect: onOperation('decrypt', 'A256GCM', ({ args, next }) =>
      instead(next, () =>
        bytes(args[1]).length === 5 ? refuse('VERIFICATION_FAILED', 'other data') : undefined,
      ),
    ),
  },
  {
    breaks: UNWRAPS,
    because: 'keeps what the library said',
    defect: onOperation('unwrap', 'RSA-OAEP-256', ({ next }) =>
      instead(next, ({ code, message, details }) =>
        code === 'DECRYPTION_FAILED'
          ? refuse(code, message, details, new Error('oaep decoding error'))
          : undefined,
      ),
    ),
  },
  {
    breaks: UNWRAPS,
    because: 'unwraps nothing to nothing',
    defect: onOperation('unwrap', 'A128KW', ({ args, next }) =>
      bytes(args[0]).length === 0 ? new Uint8Array() : next(),
    ),
  },
  {
    breaks: 'a key that was created opens, and creating it again is KEY_EXISTS',
    because: 'creates a key again',
    defect: onProvider(async ({ operation, args, next }, _backend, provider) =>
      instead(next, ({ code }) =>
        operation === 'create' && code === 'KEY_EXISTS'
          ? provider.open(args[0] as KeyInfo['ref'])
          : undefined,
      ),
    ),
  },
  {
    breaks: 'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again',
    because: 'destroys what is not there',
    defect: onProvider(async ({ operation, next }) =>
      instead(next, ({ code }) => (operation === 'destroy' && code === 'KEY_NOT_FOUND' ? null : undefined)),
    ),
  },
  {
    breaks: LISTS,
    because: 'leaves a key out of the list',
    defect: (provider) => withList(provider, (info) => (labelled(info, 'HS256') ? undefined : info)),
  },
  {
    breaks: LISTS,
    because: 'lists references that it does not open',
    defect: (provider) =>
      withList(provider, (info) =>
        labelled(info, 'HS256') ? { ...info, ref: parseKeyRef('model:list/HS256') } : info,
      ),
  },
  {
    breaks: 'an imported key does what its bytes say',
    because: 'makes a key of its own instead of importing one',
    defect: (provider) => ({
      ...provider,
      import: async (ref, material, options) =>
        material.algorithm === 'HS256'
          ? ((await provider.create?.(ref, { algorithm: 'HS256' }, options)) ?? refuse('UNSUPPORTED', 'no'))
          : ((await provider.import?.(ref, material, options)) ?? refuse('UNSUPPORTED', 'no')),
    }),
  },
  {
    breaks: 'an imported key whose halves do not belong together is MALFORMED',
    because: 'does not look whether the halves belong together',
    defect: onProvider(async ({ operation, args, next }, _backend, provider) =>
      instead(next, ({ code }) =>
        operation === 'import' && code === 'MALFORMED'
          ? provider.create?.(args[0] as KeyInfo['ref'], { algorithm: 'ES256' })
          : undefined,
      ),
    ),
  },
  {
    breaks: 'after a rotation the new version signs, and the old one verifies and does not sign',
    because: 'signs with any version',
    defect: onOperation('sign', 'ES256', ({ key, next }) =>
      instead(next, ({ code }) =>
        code === 'DENIED' && key?.state === 'active' ? new Uint8Array(64) : undefined,
      ),
    ),
  },
  {
    breaks: 'after a rotation the new version signs, and the old one verifies and does not sign',
    because: 'does not say that a version is superseded',
    defect: keysAre((key) => {
      const { superseded: _superseded, ...others } = key;
      return key.algorithms.includes('ES256') ? others : key;
    }),
  },
  {
    breaks: ROTATED,
    because: 'encrypts with any version',
    defect: onOperation('encrypt', 'A256GCM', ({ key, next }) =>
      instead(next, ({ code }) => (code === 'DENIED' && key?.state === 'active' ? {} : undefined)),
    ),
  },
  {
    breaks: ROTATED,
    because: 'does not decrypt with old versions',
    defect: onKeys((backend) => async ({ operation, key, next }) => {
      const current = backend.entries.get(key?.label ?? '')?.versions.at(-1);
      return operation === 'decrypt' && current?.id !== key?.id ? refuse('DENIED', 'too old') : next();
    }),
  },
  {
    breaks: 'a suspended or compromised key is DENIED, until it is active again',
    because: 'signs with compromised keys',
    defect: onOperation('sign', 'ES256', ({ key, next }) =>
      instead(next, () => (key?.state === 'compromised' ? new Uint8Array(64) : undefined)),
    ),
  },
  {
    breaks: 'a compromised key still decrypts, and a suspended one does not',
    because: 'locks out who must decrypt what a compromised key encrypted',
    defect: onOperation('decrypt', 'A256GCM', ({ key, next }) =>
      key?.state === 'compromised' ? refuse('DENIED', 'compromised') : next(),
    ),
  },
  {
    breaks: CANARY,
    because: 'logs what is signed',
    defect: onOperation('sign', 'RS256', ({ args, next }, backend) => {
      backend.log += `signing ${Buffer.from(bytes(args[0])).toString('base64')}\n`;
      return next();
    }),
  },
  {
    breaks: CANARY,
    because: 'quotes its token when it is refused',
    defect: onProvider(async ({ next }) =>
      instead(next, ({ code }) =>
        code === 'DENIED' ? refuse(code, 'refused', {}, new Error('bad token: token-3b8d1f')) : undefined,
      ),
    ),
  },
  {
    breaks: CANARY,
    because: 'has its token where it is printed',
    defect: (provider) => ({ ...provider, token: Buffer.from('token-3b8d1f') }),
  },
  {
    breaks: 'closing twice is as good as once',
    because: 'closes once only',
    defect: (provider) => {
      let closed = false;
      return {
        ...provider,
        async close() {
          if (closed) throw new Error('closed already');
          closed = true;
          await provider.close();
        },
      };
    },
  },
  {
    breaks: CLOSED,
    because: 'answers some calls after it was closed',
    defect: onProvider(async ({ operation, next }, backend) =>
      instead(next, ({ code }) =>
        operation === 'check' && code === 'UNAVAILABLE' && !backend.down ? null : undefined,
      ),
    ),
  },
  {
    breaks: CLOSED,
    because: 'signs with open keys after it was closed',
    defect: onOperation('sign', 'ES256', ({ next }, backend) =>
      instead(next, ({ code }) => (code === 'UNAVAILABLE' && !backend.down ? new Uint8Array(64) : undefined)),
    ),
  },
  {
    breaks: 'after closing no handle is open',
    because: 'leaves a timer behind',
    defect: onProvider(async ({ operation, next }) => {
      if (operation === 'open') leaks.push(setInterval(() => {}, 60_000));
      return next();
    }),
  },
];

/** Changes or leaves out what is listed. */
function withList(provider: KeyProvider, change: (info: KeyInfo) => KeyInfo | undefined): KeyProvider {
  return {
    ...provider,
    async *list(options) {
      for await (const info of provider.list?.(options) ?? []) {
        const changed = change(info);
        if (changed !== undefined) yield changed;
      }
    },
  };
}
