/**
 * Public keys: one type for SubjectPublicKeyInfo, PEM, JWK, COSE_Key and raw points.
 *
 * @module
 */
import type { Curve } from './algorithms.ts';

/** A public key. Made by `importPublicKey`; the runtime's own key is made once for each. */
export interface PublicKey {
  readonly keyType: 'OKP' | 'EC' | 'RSA' | 'AKP';
  readonly curve?: Curve;
  /** Modulus bits of an RSA key. */
  readonly bits?: number;
  /** `ML-DSA-44` and so on, for an AKP key. */
  readonly parameterSet?: string;
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), in its one DER form. */
  readonly spki: Uint8Array;
  /** `sha256:` and the hexadecimal SHA-256 of {@link spki}. */
  readonly fingerprint: string;
  /** RFC 7638 thumbprint, base64url of SHA-256. */
  readonly thumbprint: string;
  /** The first 16 hexadecimal digits of the thumbprint: what documents carry as key id. */
  readonly id: string;
  /** SPKI in PEM, label `PUBLIC KEY`. */
  toPem(): string;
  /** RFC 7517, public members only. */
  toJwk(): Readonly<Record<string, string>>;
  /** RFC 9052 §7 COSE_Key, deterministic CBOR. */
  toCoseKey(): Uint8Array;
  /**
   * EC: the uncompressed SEC 1 point. OKP: the key of RFC 8032 or 7748. AKP: the key of FIPS 204.
   * RSA: the PKCS #1 RSAPublicKey.
   */
  toRaw(): Uint8Array;
}
