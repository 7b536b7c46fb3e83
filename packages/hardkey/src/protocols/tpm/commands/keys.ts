/**
 * What keys do (Part 3 §14, §15 and §20).
 *
 * @module
 */
import { sized, sizedOf, struct, u32 } from '../codec.ts';
import { command, HIDES_RESPONSE, type TpmCommand } from '../command.ts';
import { hash, type TpmHash } from '../identifiers.ts';
import { type AsymmetricScheme, asymmetricScheme, type EccPoint, eccPoint } from '../public-area.ts';
import {
  digest,
  hashCheckTicket,
  maxBuffer,
  signature,
  type Ticket,
  type TpmSignature,
} from '../structures.ts';

/** What is decrypted, and how. */
export interface RsaDecryptRequest {
  readonly cipherText: Uint8Array;
  readonly inScheme: AsymmetricScheme;
  readonly label: Uint8Array;
}

/** §14.3. */
export const rsaDecrypt: TpmCommand<RsaDecryptRequest, { readonly message: Uint8Array }> = command({
  name: 'TPM2_RSA_Decrypt',
  code: 0x159,
  handles: ['keyHandle'],
  auths: 1,
  request: struct<RsaDecryptRequest>({
    cipherText: sized(512),
    inScheme: asymmetricScheme,
    label: digest,
  }),
  response: struct<{ readonly message: Uint8Array }>({ message: sized(512) }),
  secret: HIDES_RESPONSE,
  canHide: true,
});

/** §14.5. */
export const ecdhZgen: TpmCommand<{ readonly inPoint: EccPoint }, { readonly outPoint: EccPoint }> = command({
  name: 'TPM2_ECDH_ZGen',
  code: 0x154,
  handles: ['keyHandle'],
  auths: 1,
  request: struct<{ readonly inPoint: EccPoint }>({ inPoint: sizedOf(eccPoint) }),
  response: struct<{ readonly outPoint: EccPoint }>({ outPoint: sizedOf(eccPoint) }),
  secret: HIDES_RESPONSE,
  canHide: true,
});

/** What is signed, and how. */
export interface SignRequest {
  readonly digest: Uint8Array;
  readonly inScheme: AsymmetricScheme;
  readonly validation: Ticket;
}

/** §20.2. */
export const sign: TpmCommand<SignRequest, { readonly signature: TpmSignature }> = command({
  name: 'TPM2_Sign',
  code: 0x15d,
  handles: ['keyHandle'],
  auths: 1,
  request: struct<SignRequest>({ digest, inScheme: asymmetricScheme, validation: hashCheckTicket }),
  response: struct<{ readonly signature: TpmSignature }>({ signature }),
  canHide: true,
});

/** §15.4, for what a restricted key is to sign. */
export const hashMessage: TpmCommand<
  { readonly data: Uint8Array; readonly hashAlg: TpmHash; readonly hierarchy: number },
  { readonly outHash: Uint8Array; readonly validation: Ticket }
> = command({
  name: 'TPM2_Hash',
  code: 0x17d,
  request: struct<{ readonly data: Uint8Array; readonly hashAlg: TpmHash; readonly hierarchy: number }>({
    data: maxBuffer,
    hashAlg: hash,
    hierarchy: u32,
  }),
  response: struct<{ readonly outHash: Uint8Array; readonly validation: Ticket }>({
    outHash: digest,
    validation: hashCheckTicket,
  }),
});
