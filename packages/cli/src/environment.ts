/**
 * The environment variables of the process: read here and nowhere else.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { VaultScheme } from 'hardkey/providers/vault';
import { readVaultEnvironment, type VaultEnvironment } from './vault-environment.ts';

/** What the environment says. */
export interface Environment {
  /** Folder of settings. */
  readonly configHome: string;
  /** Folder of data. */
  readonly dataHome: string;
  /** Folder of the credentials that systemd gave to the service. */
  readonly credentials: string | undefined;
  /** Whether colours may be written to a terminal. */
  readonly color: boolean;
  /** How the user starts this program, for commands that are shown to be pasted. */
  readonly invocation: string;
  /** What PKCS #11 modules find, as they would in another program: everything but what is Node.js's own. */
  readonly passedOn: Readonly<Record<string, string>>;
  /** Whether there is a session bus, where a keyring may be. */
  readonly bus: boolean;
  /** Socket of the user's SSH agent. */
  readonly agent?: string;
  /** What `awskms:` without a name stands for. */
  readonly awsKey?: string;
  /** Whether it names credentials or a profile of AWS. */
  readonly aws: boolean;
  /** What it says of the server of references of a scheme. */
  readonly vault: Readonly<Record<VaultScheme, VaultEnvironment>>;
  /** Where `vault login` leaves a token. */
  readonly vaultToken: string;
  /** The vault of Azure, the service of tokens, and what `azurekms:` without a name stands for. */
  readonly azure: Readonly<Partial<Record<'vaultUrl' | 'authorityHost' | 'key', string>>>;
  /** What it says of Google Cloud KMS. */
  readonly gcp: GcpEnvironment;
}

/** Names of Google Cloud KMS, put together. */
export interface GcpEnvironment {
  /** `projects/P/locations/L/keyRings/R`. */
  readonly keyRing?: string;
  /** What `gcpkms:` without a name stands for. */
  readonly key?: string;
  /** URL of a server in place of Google's. */
  readonly endpoint?: string;
  /** Whether there are credentials. */
  readonly isSetUp: boolean;
}

/** Reads it. XDG Base Directory 0.8: a folder that is not absolute is ignored. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const home = absolute(env['HOME']) ?? homedir();
  const agent = absolute(env['SSH_AUTH_SOCK']);
  const awsKey = env['A1_KMS_KEY_ID'] || undefined;
  return {
    configHome: absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config'),
    dataHome: absolute(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'),
    credentials: absolute(env['CREDENTIALS_DIRECTORY']),
    // https://no-color.org: present and not empty.
    color: !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    invocation: env['npm_command'] === 'exec' ? 'npx hardkey' : 'hardkey',
    passedOn: passedOn(env),
    // D-Bus 0.43, Message Bus: without the address it is in the folder of the session.
    bus:
      Boolean(env['DBUS_SESSION_BUS_ADDRESS']) ||
      existsSync(join(absolute(env['XDG_RUNTIME_DIR']) ?? '/', 'bus')),
    ...(agent === undefined ? {} : { agent }),
    ...(awsKey === undefined ? {} : { awsKey }),
    vault: {
      hashivault: readVaultEnvironment(env, 'hashivault'),
      openbao: readVaultEnvironment(env, 'openbao'),
    },
    vaultToken: join(home, '.vault-token'),
    azure: named(env, {
      vaultUrl: 'AZURE_KEYVAULT_URL',
      authorityHost: 'AZURE_AUTHORITY_HOST',
      key: 'A1_AZURE_KEY',
    }),
    aws: ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'].some((name) => env[name]),
    gcp: gcpEnvironment(env),
  };
}

/** Either the whole name of a ring or a key, or its parts; the location is `global` where none is named. */
function gcpEnvironment(env: Readonly<Record<string, string | undefined>>): GcpEnvironment {
  const [project, location, ring, name, version] = [
    'A1_GCP_PROJECT',
    'A1_GCP_LOCATION',
    'A1_GCP_KEY_RING',
    'A1_GCP_KEY',
    'A1_GCP_KEY_VERSION',
  ].map((one) => env[one] || undefined);
  const parts = project && ring && `projects/${project}/locations/${location ?? 'global'}/keyRings/${ring}`;
  const keyRing = ring?.startsWith('projects/') ? ring : parts;
  const inRing = keyRing && name && `${keyRing}/cryptoKeys/${name}`;
  const whole = name?.startsWith('projects/') ? name : inRing;
  const key = whole && (version ? `${whole}/cryptoKeyVersions/${version}` : whole);
  const endpoint = env['HARDKEY_GCPKMS_ENDPOINT'] || undefined;
  return {
    ...(keyRing ? { keyRing } : {}),
    ...(key ? { key } : {}),
    ...(endpoint ? { endpoint } : {}),
    isSetUp: Boolean(env['GOOGLE_APPLICATION_CREDENTIALS']) || endpoint !== undefined,
  };
}

/** What variables say that are there and not empty, by names of our own. */
function named<N extends string>(
  env: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<N, string>>,
): Readonly<Partial<Record<N, string>>> {
  const said = Object.entries<string>(variables).flatMap(([name, variable]) => {
    const value = env[variable];
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(said) as Partial<Record<N, string>>;
}

function passedOn(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || name.startsWith('NODE_') ? [] : [[name, value] as const],
    ),
  );
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
