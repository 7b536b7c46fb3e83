/**
 * What a TPM says of itself, and how it is known (Part 3 §12.5, §12.6 and §18).
 *
 * @module
 */
import { sized, struct } from '../codec.ts';
import { command, HIDES_RESPONSE, type TpmCommand } from '../command.ts';
import { type AsymmetricScheme, asymmetricScheme } from '../public-area.ts';
import {
  creationTicket,
  digest,
  encryptedSecret,
  name,
  type PcrSelection,
  pcrSelections,
  signature,
  type Ticket,
  type TpmSignature,
} from '../structures.ts';

/** A credential for one attestation key, readable in one TPM (§24 of Part 1). */
export interface Credential {
  /** TPM2B_ID_OBJECT: the secret, encrypted and authenticated. */
  readonly credentialBlob: Uint8Array;
  /** The seed of both, encrypted to the endorsement key. */
  readonly secret: Uint8Array;
}

const idObject = sized(132);

/** §12.5. */
export const activateCredential: TpmCommand<Credential, { readonly certInfo: Uint8Array }> = command({
  name: 'TPM2_ActivateCredential',
  code: 0x147,
  handles: ['activateHandle', 'keyHandle'],
  auths: 2,
  isAdministered: true,
  request: struct<Credential>({ credentialBlob: idObject, secret: encryptedSecret }),
  response: struct<{ readonly certInfo: Uint8Array }>({ certInfo: digest }),
  secret: HIDES_RESPONSE,
});

/** §12.6. */
export const makeCredential: TpmCommand<
  { readonly credential: Uint8Array; readonly objectName: Uint8Array },
  Credential
> = command({
  name: 'TPM2_MakeCredential',
  code: 0x168,
  handles: ['handle'],
  request: struct<{ readonly credential: Uint8Array; readonly objectName: Uint8Array }>({
    credential: digest,
    objectName: name,
  }),
  response: struct<Credential>({ credentialBlob: idObject, secret: encryptedSecret }),
});

/** A statement and its signature. The bytes are a TPMS_ATTEST: see `attest.ts`. */
export interface Statement {
  readonly attest: Uint8Array;
  readonly signature: TpmSignature;
}

const statement = struct<Statement>({ attest: sized(2048), signature });

/** §18.2. */
export const certify: TpmCommand<
  { readonly qualifyingData: Uint8Array; readonly inScheme: AsymmetricScheme },
  Statement
> = command({
  name: 'TPM2_Certify',
  code: 0x148,
  handles: ['objectHandle', 'signHandle'],
  auths: 2,
  isAdministered: true,
  request: struct<{ readonly qualifyingData: Uint8Array; readonly inScheme: AsymmetricScheme }>({
    qualifyingData: digest,
    inScheme: asymmetricScheme,
  }),
  response: statement,
});

/** What the TPM is to recognise as its own work. */
export interface CertifyCreationRequest {
  readonly qualifyingData: Uint8Array;
  readonly creationHash: Uint8Array;
  readonly inScheme: AsymmetricScheme;
  readonly creationTicket: Ticket;
}

/** §18.3. */
export const certifyCreation: TpmCommand<CertifyCreationRequest, Statement> = command({
  name: 'TPM2_CertifyCreation',
  code: 0x14a,
  handles: ['signHandle', 'objectHandle'],
  auths: 1,
  request: struct<CertifyCreationRequest>({
    qualifyingData: digest,
    creationHash: digest,
    inScheme: asymmetricScheme,
    creationTicket,
  }),
  response: statement,
});

/** Which registers, for whom. */
export interface QuoteRequest {
  readonly qualifyingData: Uint8Array;
  readonly inScheme: AsymmetricScheme;
  readonly PCRselect: readonly PcrSelection[];
}

/** §18.4. */
export const quote: TpmCommand<QuoteRequest, Statement> = command({
  name: 'TPM2_Quote',
  code: 0x158,
  handles: ['signHandle'],
  auths: 1,
  request: struct<QuoteRequest>({
    qualifyingData: digest,
    inScheme: asymmetricScheme,
    PCRselect: pcrSelections,
  }),
  response: statement,
});
