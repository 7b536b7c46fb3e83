/**
 * What Azure Key Vault and its token service refuse, with which answer, and where that is written. The sources are
 * pages of Microsoft's documentation, by their last words: "Keys - Sign" is the reference of the REST operation.
 *
 * @module
 */
import type { Rule } from '../rules.ts';

/** A rule whose answer names the error, and sometimes what is inside it. */
export interface AzureRule extends Rule<number> {
  readonly code: string;
  readonly inner?: string;
}

/** The rules by name. */
export const AZURE_RULES = {
  'token missing': {
    status: 401,
    code: 'Unauthorized',
    source: 'rest-error-codes, HTTP 401: no authentication token attached to the request',
  },
  'token that is none': {
    status: 401,
    code: 'Unauthorized',
    source: 'rest-error-codes, HTTP 401: the token is missing a correct signature',
  },
  'token for another audience': {
    status: 401,
    code: 'Unauthorized',
    source: 'rest-error-codes, HTTP 401: the token does not have the correct resource associated with it',
  },
  'token expired': {
    status: 401,
    code: 'Unauthorized',
    source: 'rest-error-codes, HTTP 401: the token is expired',
  },
  'role missing': {
    status: 403,
    code: 'Forbidden',
    inner: 'ForbiddenByRbac',
    source: 'rest-error-codes, HTTP 403; rbac-guide, Azure built-in roles for Key Vault',
  },
  'version of the API': {
    status: 400,
    code: 'BadParameter',
    source: 'authentication-requests-and-responses: api-version must be included in every request',
  },
  'no such operation': { status: 404, code: 'NotFound', source: 'Keys - REST operation groups' },
  'name of another form': { status: 400, code: 'BadParameter', source: 'Keys - Create Key: ^[0-9a-zA-Z-]+$' },
  'nothing of that name': {
    status: 404,
    code: 'KeyNotFound',
    source: 'Keys - Get Key; rest-error-codes, HTTP 404',
  },
  'deleted and recoverable': {
    status: 409,
    code: 'Conflict',
    inner: 'ObjectIsDeletedButRecoverable',
    source: 'soft-delete-overview: the name of a deleted object cannot be reused',
  },
  'body that is not JSON': {
    status: 400,
    code: 'BadParameter',
    source: 'authentication-requests-and-responses',
  },
  'value that is not base64url': {
    status: 400,
    code: 'BadParameter',
    source: 'Keys - Sign: value is string (base64url)',
  },

  'type of key': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys: EC, RSA; oct is for Managed HSM only',
  },
  'size of key': { status: 400, code: 'BadParameter', source: 'about-keys-details: RSA 2K, 3K, 4K' },
  'curve of key': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys-details: P-256, P-256K, P-384, P-521',
  },
  'operations of key': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys-details: EC sign and verify only',
  },
  'key that is not whole': {
    status: 400,
    code: 'BadParameter',
    source: 'Keys - Import Key: the Json web key',
  },
  'attributes of key': {
    status: 400,
    code: 'BadParameter',
    source: 'Keys - Create Key, KeyAttributes: enabled is a boolean, nbf and exp are integers (unixtime)',
  },
  'tags of key': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys-details, key tags: up to 15, of 512 characters',
  },
  'rotation policy': {
    status: 400,
    code: 'BadParameter',
    source:
      'Keys - Update Key Rotation Policy: times are durations of ISO 8601, expiryTime is at least 28 days',
  },
  'address of another form': {
    status: 400,
    code: 'BadParameter',
    source: 'RFC 3986 §2.1: % and two hexadecimal digits',
  },
  'size of page': { status: 400, code: 'BadParameter', source: 'Keys - Get Keys: maxresults 1 to 25' },
  'page that is none': {
    status: 400,
    code: 'BadParameter',
    source: 'Keys - Get Keys: nextLink has the address of the next page',
  },

  'key disabled': {
    status: 403,
    code: 'Forbidden',
    inner: 'KeyDisabled',
    source: 'about-keys-details, key attributes: enabled',
  },
  'key expired': {
    status: 403,
    code: 'Forbidden',
    inner: 'KeyExpired',
    source: 'about-keys-details, date-time controlled operations: exp',
  },
  'key not yet valid': {
    status: 403,
    code: 'Forbidden',
    inner: 'KeyNotYetValid',
    source: 'about-keys-details, date-time controlled operations: nbf',
  },
  'operation not among key_ops': {
    status: 403,
    code: 'Forbidden',
    inner: 'KeyOperationForbidden',
    source: 'about-keys-details, key access control; RFC 7517 §4.3',
  },
  'algorithm that is none': { status: 400, code: 'BadParameter', source: 'JsonWebKeySignatureAlgorithm' },
  'algorithm of another key': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys-details: algorithms by key type and curve',
  },
  'digest of another length': {
    status: 400,
    code: 'BadParameter',
    source: 'about-keys-details: the digest value must be 32, 48, 64 bytes in length',
  },
  'plaintext too long': {
    status: 400,
    code: 'BadParameter',
    source: 'Keys - Encrypt: a single block of data',
  },
  'ciphertext that does not open': { status: 400, code: 'BadParameter', source: 'Keys - Decrypt' },

  'tenant unknown': {
    status: 400,
    code: 'AADSTS90002',
    source: 'reference-error-codes: AADSTS90002 InvalidTenantName',
  },
  'client unknown': { status: 400, code: 'AADSTS700016', source: 'reference-error-codes: AADSTS700016' },
  'secret wrong': { status: 401, code: 'AADSTS7000215', source: 'reference-error-codes: AADSTS7000215' },
  'grant of another type': { status: 400, code: 'AADSTS70003', source: 'reference-error-codes: AADSTS70003' },
  'scope that is none': {
    status: 400,
    code: 'AADSTS1002012',
    source: 'reference-error-codes: AADSTS1002012',
  },
} as const;

/** The name of a rule. */
export type AzureRuleName = keyof typeof AZURE_RULES;

/** A request that a rule refuses. */
export class AzureRefusal extends Error {
  readonly rule: AzureRuleName;

  constructor(rule: AzureRuleName, message: string) {
    super(message);
    this.name = 'AzureRefusal';
    this.rule = rule;
  }

  get status(): number {
    return AZURE_RULES[this.rule].status;
  }

  get code(): string {
    return AZURE_RULES[this.rule].code;
  }

  /** The body of the vault's answer. */
  toJSON(): object {
    const { code, inner }: AzureRule = AZURE_RULES[this.rule];
    return {
      error: { code, message: this.message, ...(inner !== undefined && { innererror: { code: inner } }) },
    };
  }
}
