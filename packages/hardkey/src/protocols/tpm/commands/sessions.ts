/**
 * Sessions and policies (Part 3 §11 and §23).
 *
 * @module
 */
import { struct, type TpmCodec, u8, u16, u32 } from '../codec.ts';
import { command, type TpmCommand } from '../command.ts';
import { hash, type TpmHash } from '../identifiers.ts';
import { type SymmetricDefinition, symmetricDefinition } from '../public-area.ts';
import { digest, encryptedSecret, type PcrSelection, pcrSelections, type Ticket } from '../structures.ts';

/** What a session is begun with. */
export interface StartAuthSessionRequest {
  readonly nonceCaller: Uint8Array;
  readonly encryptedSalt: Uint8Array;
  /** TPM_SE: 0 HMAC, 1 policy, 3 trial. */
  readonly sessionType: number;
  readonly symmetric: SymmetricDefinition;
  readonly authHash: TpmHash;
}

/** §11.1. */
export const startAuthSession: TpmCommand<StartAuthSessionRequest, { readonly nonceTPM: Uint8Array }> =
  command({
    name: 'TPM2_StartAuthSession',
    code: 0x176,
    handles: ['tpmKey', 'bind'],
    request: struct<StartAuthSessionRequest>({
      nonceCaller: digest,
      encryptedSalt: encryptedSecret,
      sessionType: u8,
      symmetric: symmetricDefinition,
      authHash: hash,
    }),
    answersHandle: true,
    response: struct<{ readonly nonceTPM: Uint8Array }>({ nonceTPM: digest }),
  });

/** What the holder of an entity's authorization allows, and for how long. */
export interface PolicySecretRequest {
  readonly nonceTPM: Uint8Array;
  readonly cpHashA: Uint8Array;
  readonly policyRef: Uint8Array;
  readonly expiration: number;
}

/** A ticket for later, which is of no use here. */
export interface PolicySecretResponse {
  readonly timeout: Uint8Array;
  readonly policyTicket: Ticket;
}

/** §23.4. */
export const policySecret: TpmCommand<PolicySecretRequest, PolicySecretResponse> = command({
  name: 'TPM2_PolicySecret',
  code: 0x151,
  handles: ['authHandle', 'policySession'],
  auths: 1,
  request: struct<PolicySecretRequest>({
    nonceTPM: digest,
    cpHashA: digest,
    policyRef: digest,
    expiration: u32,
  }),
  response: struct<PolicySecretResponse>({
    timeout: digest,
    policyTicket: struct<Ticket>({ tag: u16, hierarchy: u32, digest }),
  }),
});

/** Registers and what they must hold. */
export interface PolicyPcrRequest {
  /** The digest of their values; empty for the values they have. */
  readonly pcrDigest: Uint8Array;
  readonly pcrs: readonly PcrSelection[];
}

/** The parameters of TPM2_PolicyPCR, which key files hold too. */
export const policyPcrRequest: TpmCodec<PolicyPcrRequest> = struct<PolicyPcrRequest>({
  pcrDigest: digest,
  pcrs: pcrSelections,
});

/** §23.7. */
export const policyPcr: TpmCommand<PolicyPcrRequest, object> = command({
  name: 'TPM2_PolicyPCR',
  code: 0x17f,
  handles: ['policySession'],
  request: policyPcrRequest,
});

/** §23.17. */
export const policyAuthValue: TpmCommand<object, object> = command({
  name: 'TPM2_PolicyAuthValue',
  code: 0x16b,
  handles: ['policySession'],
});

/** §23.19. */
export const policyGetDigest: TpmCommand<object, { readonly policyDigest: Uint8Array }> = command({
  name: 'TPM2_PolicyGetDigest',
  code: 0x189,
  handles: ['policySession'],
  response: struct<{ readonly policyDigest: Uint8Array }>({ policyDigest: digest }),
});

/** §28.4. The handle is a parameter: what it names may be no object any more. */
export const flushContext: TpmCommand<{ readonly flushHandle: number }, object> = command({
  name: 'TPM2_FlushContext',
  code: 0x165,
  request: struct<{ readonly flushHandle: number }>({ flushHandle: u32 }),
});
