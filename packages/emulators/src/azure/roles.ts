/**
 * Who may do what: the built-in roles of Key Vault that concern keys, and single actions.
 *
 * @module
 */

const KEYS = 'Microsoft.KeyVault/vaults/keys';
const POLICIES = 'Microsoft.KeyVault/vaults/keyrotationpolicies';

const USES = ['encrypt', 'decrypt', 'wrap', 'unwrap', 'sign', 'verify'].map((use) => `${KEYS}/${use}/action`);

// The rbac-guide, Azure built-in roles for Key Vault data plane operations.
const ROLES: Readonly<Record<string, readonly string[]>> = {
  'Key Vault Administrator': [`${KEYS}/*`, `${POLICIES}/*`],
  'Key Vault Crypto Officer': [`${KEYS}/*`, `${POLICIES}/*`],
  'Key Vault Crypto User': [`${KEYS}/read`, `${KEYS}/update/action`, `${KEYS}/backup/action`, ...USES],
  'Key Vault Crypto Service Encryption User': [
    `${KEYS}/read`,
    `${KEYS}/wrap/action`,
    `${KEYS}/unwrap/action`,
  ],
  'Key Vault Reader': [`${KEYS}/read`, `${POLICIES}/read`],
};

/** An application that tokens are issued to. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  /** Names of built-in roles, or single actions such as `Microsoft.KeyVault/vaults/keys/sign/action`. */
  readonly roles: readonly string[];
}

/** Whether a client may do what the action names, `keys/sign/action`. */
export function isAllowed({ roles }: Client, action: string): boolean {
  const asked = `Microsoft.KeyVault/vaults/${action}`;
  return roles
    .flatMap((role) => ROLES[role] ?? [role])
    .some(
      (allowed) => asked === allowed || (allowed.endsWith('*') && asked.startsWith(allowed.slice(0, -1))),
    );
}

/** A client out of JSON; a `TypeError` says what is not as it should be. */
export function parseClient(value: unknown): Client {
  const { id, secret, roles } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || typeof secret !== 'string')
    throw new TypeError('a client has an id and a secret');
  if (!Array.isArray(roles)) throw new TypeError('a client has roles');
  const unknown = roles.find(
    (role) => !(typeof role === 'string' && (Object.hasOwn(ROLES, role) || role.includes('/'))),
  );
  if (unknown !== undefined) throw new TypeError(`${String(unknown)} is neither a role nor an action`);
  return { id, secret, roles };
}
