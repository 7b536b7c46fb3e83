// Evidence that no TPM made: everything in it is right, and a key in a program signed it.
import { importPublicKey, type PublicKey } from 'hardkey';
import { attest as attestCodec } from '../../src/protocols/tpm/attest.ts';
import { encodeTpm } from '../../src/protocols/tpm/codec.ts';
import { encodeEvidence } from '../../src/protocols/tpm/evidence.ts';
import { objectName } from '../../src/protocols/tpm/name.ts';
import { publicArea } from '../../src/protocols/tpm/public-area.ts';
import { signature as signatureCodec } from '../../src/protocols/tpm/structures.ts';
import { attestationTemplate } from '../../src/protocols/tpm/templates.ts';
import { nodeCrypto } from '../../src/providers/tpm/crypto.ts';

/** A key on P-256 that signs, as a program has it. */
export interface ForgingKey {
  /** SPKI in PEM. */
  readonly publicKeyPem: string;
  /** r‖s of ECDSA with SHA-256. */
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** A statement that `key`, also on P-256, is in the TPM that the forger plays. */
export async function forgeEvidence(
  forger: ForgingKey,
  key: PublicKey,
  nonce: Uint8Array,
  objectAttributes: number = attestationTemplate.objectAttributes,
): Promise<Uint8Array> {
  const signer = {
    ...attestationTemplate,
    objectAttributes,
    unique: pointOf(await importPublicKey(forger.publicKeyPem)),
  } as typeof attestationTemplate;
  const object = {
    ...signer,
    objectAttributes: UNRESTRICTED,
    scheme: { scheme: 'NULL' },
    unique: pointOf(key),
  } as typeof attestationTemplate;
  const endorsement = Uint8Array.of(0x40, 0, 0, 0x0b);
  const name = objectName(signer, nodeCrypto.hash);
  const attest = encodeTpm(attestCodec, {
    type: 'certify',
    qualifiedSigner: new Uint8Array([0, 0x0b, ...nodeCrypto.hash('SHA-256', endorsement, name)]),
    extraData: nonce,
    clockInfo: { clock: 1n, resetCount: 1, restartCount: 1, safe: true },
    firmwareVersion: 1n,
    attested: { name: objectName(object, nodeCrypto.hash), qualifiedName: name },
  });
  const made = forger.sign(attest);
  const signature = { algorithm: 'ECDSA', hash: 'SHA-256', r: made.slice(0, 32), s: made.slice(32) } as const;
  return encodeEvidence({
    attest,
    signature: encodeTpm(signatureCodec, signature),
    attestationKey: encodeTpm(publicArea, signer),
    publicArea: encodeTpm(publicArea, object),
  });
}

/** Attributes of a key that signs whatever it is given. */
export const UNRESTRICTED = 0x00040472;

function pointOf(key: PublicKey): { readonly x: Uint8Array; readonly y: Uint8Array } {
  const raw = key.toRaw();
  return { x: raw.slice(1, 33), y: raw.slice(33) };
}
