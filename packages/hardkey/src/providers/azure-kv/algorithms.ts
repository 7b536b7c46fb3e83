/**
 * Our algorithms in the words of Key Vault: its kinds of keys, and what each may be used for.
 *
 * @module
 */
import {
  type Algorithm,
  type AlgorithmFacts,
  algorithm,
  algorithms,
  type Curve,
} from '../../core/algorithms.ts';
import { checkSpec } from '../../core/check-spec.ts';
import type { KeySpec } from '../../core/key.ts';
import { Failure } from '../../errors.ts';

/** What an algorithm takes of a key: `key_ops` of the API. */
export interface Uses {
  /** What protects: signs, encrypts, wraps. */
  readonly protect: readonly string[];
  /** What reads what was protected. */
  readonly process: readonly string[];
}

const SIGNING: Uses = { protect: ['sign'], process: ['verify'] };
const WRAPPING: Uses = { protect: ['encrypt', 'wrapKey'], process: ['decrypt', 'unwrapKey'] };

// Azure Key Vault REST API, JsonWebKeySignatureAlgorithm and JsonWebKeyEncryptionAlgorithm: the names are
// those of JOSE. There is no Ed25519, and each curve has one hash.
const NAMES = [
  ...(['ES256', 'ES384', 'ES512', 'ES256K'] as const),
  ...(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const),
  'RSA-OAEP-256',
] as const satisfies readonly Algorithm[];

/** The curves by the names that Key Vault has for them. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['P-256', 'P-256'],
  ['P-384', 'P-384'],
  ['P-521', 'P-521'],
  ['P-256K', 'secp256k1'],
  ['SECP256K1', 'secp256k1'],
]);

const CURVE_NAMES: Readonly<Partial<Record<Curve, string>>> = {
  'P-256': 'P-256',
  'P-384': 'P-384',
  'P-521': 'P-521',
  secp256k1: 'P-256K',
};

/** The curve of a name of Key Vault. */
export function curveOf(name: string | undefined): Curve | undefined {
  return name === undefined ? undefined : CURVES.get(name);
}

/** What an algorithm of Key Vault takes of a key. */
function usesOf({ operation }: Pick<AlgorithmFacts, 'operation'>): Uses {
  return operation === 'wrap' ? WRAPPING : SIGNING;
}

/** The algorithms of a kind of key that is for these operations, most preferred first. */
export function algorithmsOf(
  kind: { readonly keyType: string; readonly curve: Curve | undefined },
  operations: readonly string[],
): readonly Algorithm[] {
  return algorithms.flatMap((facts) => {
    if (!isOurs(facts.name) || facts.keyType !== kind.keyType) return [];
    if (facts.keyType === 'EC' && !facts.curves.some((curve) => curve === kind.curve)) return [];
    return isUsable(facts, operations) ? [facts.name] : [];
  });
}

/** Whoever wraps needs no key of the vault, so that a key that only unwraps is one that wraps. */
function isUsable(facts: AlgorithmFacts, operations: readonly string[]): boolean {
  const { protect, process } = usesOf(facts);
  return (facts.operation === 'wrap' ? process : protect).some((one) => operations.includes(one));
}

/** The operations that protect, beside those that read what they made: what a key is for once more. */
export function withProtecting(operations: readonly string[]): readonly string[] {
  const pairs = [...pairsOf(SIGNING), ...pairsOf(WRAPPING)];
  const back = pairs.filter(([, process]) => operations.includes(process)).map(([protect]) => protect);
  return [...new Set([...operations, ...back])];
}

/** The operations without those that protect. */
export function withoutProtecting(operations: readonly string[]): readonly string[] {
  const protecting = [...SIGNING.protect, ...WRAPPING.protect];
  return operations.filter((operation) => !protecting.includes(operation));
}

function pairsOf({ protect, process }: Uses): readonly (readonly [protect: string, process: string])[] {
  return protect.flatMap((one, at) => (process[at] === undefined ? [] : [[one, process[at]] as const]));
}

/** What Key Vault is asked to make. */
export interface Making {
  readonly keyType: 'EC' | 'RSA';
  readonly options: {
    readonly keyOps: readonly string[];
    readonly curve?: string;
    readonly keySize?: number;
  };
}

/** What Key Vault is asked to make. Throws `UNSUPPORTED`, or `ARGUMENT_INVALID` for a wrong size. */
export function makingOf(spec: KeySpec): Making {
  const facts = algorithm(spec.algorithm);
  if (!isOurs(facts.name)) {
    throw new Failure('UNSUPPORTED', 'Key Vault has no such keys', {
      algorithm: facts.name,
      provider: 'azurekms',
    });
  }
  checkSpec(spec, facts);
  const { protect, process } = usesOf(facts);
  const keyOps = [...protect, ...process];
  if (facts.keyType === 'RSA') return { keyType: 'RSA', options: { keyOps, keySize: spec.bits ?? 3072 } };
  const [first] = facts.keyType === 'EC' ? facts.curves : [];
  const curve = first === undefined ? undefined : CURVE_NAMES[first];
  return { keyType: 'EC', options: { keyOps, ...(curve === undefined ? {} : { curve }) } };
}

function isOurs(name: Algorithm): boolean {
  return NAMES.some((one) => one === name);
}
