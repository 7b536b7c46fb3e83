/**
 * What Google Cloud KMS refuses, with which code, and where that is written. "contract" is the suite that Google
 * keeps for its own fake and runs against the service: `fakekms/contract` of GoogleCloudPlatform/kms-integrations.
 * The other sources are comments of the definitions, by message and field.
 *
 * @module
 */
import type { Fault } from '../faults.ts';
import type { Rule } from '../rules.ts';

/** The codes of `google.rpc.Code`, by name. */
export const CODES = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The name of a code. */
export type CodeName = keyof typeof CODES;

/** Whether there is such a code, by name or number. */
export function isCode(code: number | string): boolean {
  return Object.entries(CODES).some(([name, number]) => code === name || code === number);
}

/** The rules by name. */
export const GCP_RULES = {
  'name of another form': {
    status: 'INVALID_ARGUMENT',
    source: 'service.proto, google.api.http of each method; contract MalformedName',
  },
  'id of another form': {
    status: 'INVALID_ARGUMENT',
    source: 'CreateCryptoKeyRequest.crypto_key_id: [a-zA-Z0-9_-]{1,63}',
  },
  'nothing of that name': { status: 'NOT_FOUND', source: 'google.rpc.Code; contract NotFound' },
  'id in use': {
    status: 'ALREADY_EXISTS',
    source: 'CreateCryptoKeyRequest.crypto_key_id; contract DuplicateName',
  },
  'page that is none': {
    status: 'INVALID_ARGUMENT',
    source: 'ListCryptoKeysRequest.page_token: from next_page_token; AIP-158',
  },
  'permission missing': {
    status: 'PERMISSION_DENIED',
    source: 'google.rpc.ErrorInfo; IAM permissions of Cloud KMS',
  },
  'not in this emulator': { status: 'UNIMPLEMENTED', source: 'google.rpc.Code' },
  'body of another form': {
    status: 'INVALID_ARGUMENT',
    source: 'google.api.http; the JSON mapping of Protocol Buffers',
  },

  'purpose missing': {
    status: 'INVALID_ARGUMENT',
    source: 'KeyManagementService.CreateCryptoKey: purpose is required',
  },
  'algorithm missing': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKeyVersionTemplate.algorithm; contract CreateCryptoKeyMissingAlgorithm',
  },
  'algorithm of another purpose': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKeyVersion.CryptoKeyVersionAlgorithm: usable with CryptoKey.purpose',
  },
  'algorithm of an HSM alone': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKeyVersionAlgorithm.EC_SIGN_SECP256K1_SHA256',
  },
  'labels of another form': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKey.labels; Labeling keys, requirements for labels',
  },
  'duration of a destruction out of bounds': {
    status: 'INVALID_ARGUMENT',
    source: 'Destroy and restore key versions: 24 hours to 120 days',
  },
  'rotation of another purpose': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKey.next_rotation_time: for other keys it must be omitted',
  },
  'rotation period out of bounds': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKey.rotation_period: 24 hours to 876,000 hours',
  },
  'rotation period without a next time': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKey.rotation_period: next_rotation_time must also be set',
  },
  'no field to update': { status: 'INVALID_ARGUMENT', source: 'contract UpdateCryptoKeyVersionNoFields' },
  'field that cannot change': {
    status: 'INVALID_ARGUMENT',
    source: 'contract UpdateCryptoKeyVersionUnsupportedField',
  },
  'state that cannot be set': {
    status: 'INVALID_ARGUMENT',
    source: 'contract UpdateCryptoKeyVersionUnsupportedState',
  },
  'destroyed twice': {
    status: 'FAILED_PRECONDITION',
    source: 'contract DestroyCryptoKeyVersionUnsupportedState',
  },
  'restored without being scheduled': {
    status: 'FAILED_PRECONDITION',
    source: 'KeyManagementService.RestoreCryptoKeyVersion: DESTROY_SCHEDULED',
  },
  'primary of another purpose': {
    status: 'FAILED_PRECONDITION',
    source: 'KeyManagementService.UpdateCryptoKeyPrimaryVersion',
  },
  'no primary': {
    status: 'FAILED_PRECONDITION',
    source: 'EncryptRequest.name: the server will use its primary version',
  },

  'version not enabled': {
    status: 'FAILED_PRECONDITION',
    source: 'CryptoKeyVersion.CryptoKeyVersionState; contract Disabled',
  },
  'key of another purpose': {
    status: 'FAILED_PRECONDITION',
    source: 'CryptoKey.CryptoKeyPurpose; contract WrongPurpose',
  },
  'checksum mismatch': {
    status: 'INVALID_ARGUMENT',
    source: 'AsymmetricSignRequest.digest_crc32c; contract InvalidCiphertextChecksum',
  },

  'digest and data': {
    status: 'INVALID_ARGUMENT',
    source: 'AsymmetricSignRequest.data; contract AsymmetricSignBothDigestAndData',
  },
  'neither digest nor data': {
    status: 'INVALID_ARGUMENT',
    source: 'AsymmetricSignRequest: digest or data is what is signed',
  },
  'digest of another hash': {
    status: 'INVALID_ARGUMENT',
    source: 'AsymmetricSignRequest.digest; contract AsymmetricSignWrongDigest',
  },
  'digest of another length': {
    status: 'INVALID_ARGUMENT',
    source: 'Digest.sha256; contract AsymmetricSignIncorrectDigestLength',
  },
  'digest for an algorithm that takes data': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKeyVersionAlgorithm.EC_SIGN_ED25519: pure mode',
  },
  'public key of an algorithm without': {
    status: 'FAILED_PRECONDITION',
    source: 'contract GetPublicKeySymmetric',
  },
  'format of a public key': {
    status: 'INVALID_ARGUMENT',
    source: 'GetPublicKeyRequest.public_key_format; PublicKey.PublicKeyFormat',
  },

  'larger than 64 KiB': {
    status: 'INVALID_ARGUMENT',
    source: 'EncryptRequest.plaintext: no larger than 64KiB',
  },
  'larger than an HSM takes': {
    status: 'INVALID_ARGUMENT',
    source: 'EncryptRequest.plaintext: for HSM keys plaintext and AAD 8KiB',
  },
  'larger than an HSM authenticates': {
    status: 'INVALID_ARGUMENT',
    source: 'Create and validate MAC signatures: 16 KiB for Cloud HSM keys, 64 KiB for all others',
  },
  'larger than PKCS #1 pads': {
    status: 'INVALID_ARGUMENT',
    source: 'CryptoKeyVersionAlgorithm.RSA_SIGN_RAW_PKCS1_2048; RFC 8017 §9.2: 11 bytes of padding at least',
  },
  'ciphertext that does not open': {
    status: 'INVALID_ARGUMENT',
    source: 'contract AsymmetricDecryptMalformedCiphertext; DecryptRequest',
  },
  'vector given for AES-GCM': {
    status: 'INVALID_ARGUMENT',
    source: 'contract RawEncryptAesGcmCustomIvFails',
  },
  'vector of another length': {
    status: 'INVALID_ARGUMENT',
    source: 'RawEncryptRequest.initialization_vector; contract AesCbcCtrInvalidIvLength',
  },
  'plaintext of no whole blocks': {
    status: 'INVALID_ARGUMENT',
    source: 'Raw symmetric encryption: AES-CBC requires a multiple of the block size, and nothing is padded',
  },
  'AAD for a mode without': {
    status: 'INVALID_ARGUMENT',
    source: 'RawEncryptRequest.additional_authenticated_data; contract AesCbcCtrAadSpecifiedFails',
  },
  'random bytes out of bounds': {
    status: 'INVALID_ARGUMENT',
    source: 'GenerateRandomBytesRequest.length_bytes: 8 to 1024',
  },
  'random bytes of another source': {
    status: 'INVALID_ARGUMENT',
    source: 'GenerateRandomBytesRequest.protection_level: only HSM',
  },
} as const;

/** The name of a rule. */
export type GcpRule = keyof typeof GCP_RULES;

/** What else there is to say of a refusal. */
interface Refused {
  /** `google.rpc.Status.details` in JSON with `@type`. */
  readonly details?: readonly object[];
  /** The rule that refuses, when one does. */
  readonly rule?: GcpRule;
  /** The fault that refuses, when one does. */
  readonly fault?: Fault;
}

/** A call that a rule, or a fault of the queue, refuses. */
export class GcpRefusal extends Error {
  readonly code: number;
  readonly details: readonly object[];
  readonly rule: GcpRule | undefined;
  readonly fault: Fault | undefined;

  constructor(code: number, message: string, { details = [], rule, fault }: Refused = {}) {
    super(message);
    this.name = 'GcpRefusal';
    this.code = code;
    this.details = details;
    this.rule = rule;
    this.fault = fault;
  }
}

/** The refusal of a rule. */
export function refuse(rule: GcpRule, message: string, details: readonly object[] = []): GcpRefusal {
  const { status }: Rule<CodeName> = GCP_RULES[rule];
  return new GcpRefusal(CODES[status], message, { details, rule });
}
