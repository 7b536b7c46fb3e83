/**
 * Our rows and the TPM's names for them.
 *
 * @module
 */
import { type Algorithm, type AlgorithmFacts, algorithms } from '../../core/algorithms.ts';
import { checkSpec } from '../../core/check-spec.ts';
import { publicKeyOf } from '../../core/import-public-key.ts';
import type { KeySpec } from '../../core/key.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { Failure } from '../../errors.ts';
import { hasAttribute } from '../../protocols/tpm/attributes.ts';
import { curveIds, type TpmCurve } from '../../protocols/tpm/identifiers.ts';
import type { AsymmetricScheme, PublicArea } from '../../protocols/tpm/public-area.ts';
import { keyPartsOf } from '../../protocols/tpm/public-key.ts';
import type { NewKey } from '../../protocols/tpm/templates.ts';

/** How a TPM does what a row says; undefined where none can. */
export function schemeOf({
  operation,
  keyType,
  curves,
  hash,
  pss,
}: AlgorithmFacts): AsymmetricScheme | undefined {
  if (operation === 'agree') return { scheme: 'ECDH', hash: 'SHA-256' };
  if (hash === undefined) return undefined;
  if (operation === 'wrap' && keyType === 'RSA') return { scheme: 'OAEP', hash };
  if (operation !== 'sign') return undefined;
  if (keyType === 'RSA') return { scheme: pss ? 'RSAPSS' : 'RSASSA', hash };
  return keyType === 'EC' && curves.some(isTpmCurve) ? { scheme: 'ECDSA', hash } : undefined;
}

/** What an object with this public area does, by our names. A restricted one does nothing for us. */
export function algorithmsOf(area: PublicArea): readonly Algorithm[] {
  if (hasAttribute(area.objectAttributes, 'restricted')) return [];
  return algorithms.filter((facts) => does(area, facts)).map(({ name }) => name);
}

function does(area: PublicArea, facts: AlgorithmFacts): boolean {
  const purpose = facts.operation === 'sign' ? 'sign' : 'decrypt';
  const scheme = schemeOf(facts);
  if (scheme === undefined || !hasAttribute(area.objectAttributes, purpose)) return false;
  if (area.type === 'ECC') {
    return facts.keyType === 'EC' && facts.curves.includes(area.curve) && allows(area.scheme, scheme);
  }
  if (area.type !== 'RSA' || facts.keyType !== 'RSA') return false;
  return area.keyBits >= (facts.keyBits ?? 0) && allows(area.scheme, scheme);
}

/** Part 2 §12.2.3.5: a key whose scheme is NULL is told each time. */
function allows(own: AsymmetricScheme, wanted: AsymmetricScheme): boolean {
  if (own.scheme === 'NULL') return true;
  if (own.scheme !== wanted.scheme) return false;
  // The hash of ECDH is that of a derivation that is not asked for.
  return own.scheme === 'ECDH' || ('hash' in own && 'hash' in wanted && own.hash === wanted.hash);
}

const RSA_BITS = 3072;

/** What a key for `spec` is to be. Throws `UNSUPPORTED` for what no TPM makes. */
export function newKey(spec: KeySpec, facts: AlgorithmFacts): Pick<NewKey, 'purpose' | 'shape' | 'scheme'> {
  checkSpec(spec, facts);
  const scheme = schemeOf(facts);
  const unsupported = new Failure('UNSUPPORTED', 'no TPM makes such a key', { algorithm: facts.name });
  if (scheme === undefined) throw unsupported;
  const purpose = facts.operation === 'sign' ? 'sign' : 'decrypt';
  if (facts.keyType === 'RSA') return { purpose, scheme, shape: { keyBits: spec.bits ?? RSA_BITS } };
  const curve = facts.operation === 'agree' ? (spec.curve ?? 'P-256') : facts.curves[0];
  if (curve === undefined || !isTpmCurve(curve)) throw unsupported;
  // A key that signs has one curve and one hash, and says so; a key that agrees serves every wrapping.
  return { purpose, shape: { curve }, ...(purpose === 'sign' ? { scheme } : {}) };
}

function isTpmCurve(name: string): name is TpmCurve {
  return Object.hasOwn(curveIds, name);
}

/** The public key of an object. Throws `UNSUPPORTED` for what is no asymmetric key. */
export async function publicKeyOfArea(area: PublicArea): Promise<PublicKey> {
  const parts = keyPartsOf(area);
  if (parts !== undefined) return publicKeyOf(parts);
  throw new Failure('UNSUPPORTED', 'the object is no key pair', { field: 'tpm.type' });
}
