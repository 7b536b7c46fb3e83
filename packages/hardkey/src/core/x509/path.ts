/**
 * Path validation (RFC 5280 §6): whether a chain of certificates leads to a root that was pinned.
 *
 * @module
 */
import { equalBytes } from '../../encoding/bytes.ts';
import { Failure } from '../../errors.ts';
import { buildPath, maxPathLength } from './build-path.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { type KeyUsage, understoodExtensions } from './extensions.ts';
import { refused } from './refused.ts';

/** How a path is judged. */
export interface PathOptions {
  /** When every certificate must be valid. */
  readonly at: Date;
  /** What the leaf's key is used for: one of these must be in its key usage, where it has one. */
  readonly usage?: KeyUsage | readonly KeyUsage[];
  /** A purpose (object identifier) the leaf must name; authorities that name purposes must name it too. */
  readonly extKeyUsage?: string;
  /** More certificates, DER, in no order. They are used and not trusted. */
  readonly intermediates?: readonly Uint8Array[];
}

/** A path that holds. */
export interface ValidPath {
  readonly leaf: Certificate;
  /** Leaf first, the root last. */
  readonly path: readonly Certificate[];
  readonly checks: readonly { readonly name: string; readonly passed: true; readonly detail?: string }[];
}

/**
 * Validates the chain, leaf first, each certificate followed by its issuer. Only `roots` are trusted:
 * what the chain brings along is not, whether it signed itself or not. A root may be an intermediate
 * authority. Its own validity, constraints and key usage count like those of any other.
 *
 * Throws `VERIFICATION_FAILED` with `details.check` and, as `details.field`, the certificate's place in
 * the path: `x509.name`, `x509.signature`, `x509.root`, `x509.anchor-key`, `x509.not-before`,
 * `x509.not-after`, `x509.ca`, `x509.key-cert-sign`, `x509.path-length`, `x509.critical-extension`,
 * `x509.key-usage`, `x509.ext-key-usage`. Broken or oversized input is `MALFORMED`; an algorithm or a
 * kind of key that is not known is `UNSUPPORTED`. Revocation lists are not consulted.
 */
export async function validatePath(
  chain: readonly Uint8Array[],
  roots: readonly (Uint8Array | Certificate)[],
  options: PathOptions,
): Promise<ValidPath> {
  const judged = judge(options);
  const more = options.intermediates ?? [];
  if (chain.length === 0 || chain.length + more.length > maxPathLength) {
    throw new Failure('MALFORMED', 'no certificate, or too many', { field: 'x509' });
  }
  const path = await buildPath({
    chain: await parseAll(chain, 'x509'),
    roots: await parseAll(roots, 'x509.roots'),
    intermediates: await parseAll(more, 'x509.intermediates'),
    at: judged.at,
  });
  const [leaf] = path;
  if (leaf === undefined) throw refused('x509.root', 0, 'the path ends at no pinned root');
  for (const { name, message, holds } of RULES) {
    const broken = path.findIndex((certificate, index) => !holds(certificate, index, { ...judged, path }));
    if (broken !== -1) throw refused(name, broken, message);
  }
  const names = ['x509.name', 'x509.signature', 'x509.root', ...RULES.map(({ name }) => name)];
  return { leaf, path, checks: names.map((name) => ({ name, passed: true })) };
}

interface Context {
  readonly path: readonly Certificate[];
  readonly at: number;
  readonly usage: readonly KeyUsage[];
  readonly extKeyUsage: string | undefined;
}

interface Rule {
  readonly name: string;
  readonly message: string;
  readonly holds: (certificate: Certificate, index: number, context: Context) => boolean;
}

/** RFC 5280 §6.1.3 and §6.1.4, for each certificate; the leaf is index 0. */
const RULES: readonly Rule[] = [
  {
    name: 'x509.not-before',
    message: 'a certificate is not yet valid',
    holds: ({ notBefore }, _, { at }) => at >= notBefore,
  },
  {
    name: 'x509.not-after',
    message: 'a certificate has expired',
    holds: ({ notAfter }, _, { at }) => at <= notAfter,
  },
  {
    name: 'x509.ca',
    message: 'an issuer is not an authority',
    holds: ({ basicConstraints }, index) => index === 0 || basicConstraints?.ca === true,
  },
  {
    name: 'x509.key-cert-sign',
    message: 'an issuer may not sign certificates',
    holds: ({ keyUsage }, index) => index === 0 || allows(keyUsage, ['keyCertSign']),
  },
  {
    name: 'x509.path-length',
    message: 'an authority allows fewer authorities below it',
    holds: ({ basicConstraints }, index, { path }) =>
      authoritiesBelow(path, index) <= (basicConstraints?.pathLength ?? maxPathLength),
  },
  {
    name: 'x509.critical-extension',
    message: 'a critical extension is not understood',
    holds: ({ criticalExtensions }) => criticalExtensions.every((oid) => understoodExtensions.has(oid)),
  },
  {
    name: 'x509.key-usage',
    message: 'the key is for another use',
    holds: ({ keyUsage }, index, { usage }) => index > 0 || allows(keyUsage, usage),
  },
  {
    name: 'x509.ext-key-usage',
    message: 'the key is for another purpose',
    holds: ({ extKeyUsage: found }, index, { extKeyUsage: purpose }) =>
      purpose === undefined || (index === 0 ? found?.includes(purpose) === true : permits(found, purpose)),
  },
];

/** RFC 5280 §4.2.1.3: a key usage that is absent allows everything. */
function allows(found: readonly KeyUsage[] | undefined, wanted: readonly KeyUsage[]): boolean {
  return found === undefined || wanted.length === 0 || wanted.some((usage) => found.includes(usage));
}

/** §4.2.1.9: self-issued certificates and the leaf do not count. */
function authoritiesBelow(path: readonly Certificate[], index: number): number {
  return path.slice(1, index).filter(({ issuer, subject }) => !equalBytes(issuer, subject)).length;
}

const ANY_PURPOSE = '2.5.29.37.0';

/** An authority that names no purpose permits every one. */
function permits(found: readonly string[] | undefined, purpose: string): boolean {
  return found === undefined || found.includes(purpose) || found.includes(ANY_PURPOSE);
}

function judge({ at, usage = [], extKeyUsage, ...rest }: PathOptions): Omit<Context, 'path'> {
  const { intermediates: _, ...unknown } = rest;
  const [wrong] = Object.keys(unknown);
  if (wrong !== undefined) throw new Failure('ARGUMENT_INVALID', 'unknown option', { field: wrong });
  const time = at.getTime() / 1000;
  // Every comparison with NaN is false: a time that is none would pass for any time.
  if (Number.isNaN(time)) throw new Failure('ARGUMENT_INVALID', 'not a time', { field: 'at' });
  return { at: time, usage: typeof usage === 'string' ? [usage] : usage, extKeyUsage };
}

function parseAll(
  certificates: readonly (Uint8Array | Certificate)[],
  field: string,
): Promise<readonly Certificate[]> {
  return Promise.all(
    certificates.map(async (one, index) =>
      one instanceof Uint8Array ? parseCertificate(one, `${field}.${index}`) : one,
    ),
  );
}
