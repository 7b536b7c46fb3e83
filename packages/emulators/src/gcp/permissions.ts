/**
 * IAM, turned around: everything is allowed until a permission is denied. Denials act as IAM's do, and
 * `TestIamPermissions` answers by them.
 *
 * @module
 */
import { refuse } from './rules.ts';

/** A permission that is denied, on a resource and all below it, or everywhere. */
export interface Denial {
  /** For example `cloudkms.cryptoKeyVersions.useToSign`. */
  readonly permission: string;
  /** For example `projects/p/locations/global/keyRings/r`. */
  readonly resource?: string;
}

/** What is denied. */
export interface Permissions {
  /** Denies a permission; one that no method takes is a `TypeError`. */
  deny(denial: Denial): void;
  /** Allows everything again. */
  allowAll(): void;
  isDenied(permission: string, resource: string): boolean;
  /** Refuses, as IAM does, when the permission is denied on the resource. */
  require(permission: string, resource: string): void;
}

/** Permissions of which none is denied. */
export function createPermissions(known: ReadonlySet<string>): Permissions {
  let denials: Denial[] = [];
  const isDenied = (permission: string, resource: string) =>
    denials.some((one) => one.permission === permission && covers(one.resource, resource));
  return {
    isDenied,
    deny: (denial) => {
      // Its denial would change nothing, and let a test pass.
      if (!known.has(denial.permission)) throw new TypeError(`no method takes ${denial.permission}`);
      denials.push(denial);
    },
    allowAll: () => {
      denials = [];
    },
    require: (permission, resource) => {
      if (isDenied(permission, resource)) throw denied(permission, resource);
    },
  };
}

function covers(denied: string | undefined, resource: string): boolean {
  return denied === undefined || resource === denied || resource.startsWith(`${denied}/`);
}

function denied(permission: string, resource: string): Error {
  const message = `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`;
  return refuse('permission missing', message, [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'IAM_PERMISSION_DENIED',
      domain: 'cloudkms.googleapis.com',
      metadata: { permission, resource },
    },
  ]);
}
