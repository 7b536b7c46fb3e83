/**
 * Bodies of schemes whose grammar belongs to somebody else: anything but secrets.
 *
 * @module
 */
import { decoded } from './attributes.ts';
import { refuse } from './refuse.ts';
import { secretKind } from './secret-names.ts';

/**
 * The body as it is. Throws `ARGUMENT_INVALID` when it is empty, has a broken percent-encoding, an
 * attribute that would carry a secret, or user information before a host.
 */
export function checkOpaque(body: string): string {
  if (body === '') throw refuse('ref', 'the reference names no key', 0);
  const broken = body.search(/%(?![0-9A-Fa-f]{2})/);
  if (broken !== -1) throw refuse('ref', 'a percent sign is followed by two hexadecimal digits', broken);
  // An address may stand encoded in an attribute, so both forms are looked at.
  if ([body, decoded(body)].some((text) => /\/\/[^/?#]*@/.test(text))) {
    throw refuse('ref', 'a reference carries no credentials');
  }
  const secret = findSecret(body);
  if (secret !== undefined) throw refuse('ref', 'a reference carries no secret', secret);
  return body;
}

/** Where in `body` an attribute begins that would carry a secret, whatever part of it that is. */
export function findSecret(body: string): number | undefined {
  for (const { index, 1: before = '', 2: name = '' } of body.matchAll(/(^|[/;?&#])([^/;?&#=]*)=/g)) {
    if (isSecret(decoded(name), body.slice(0, index) + before)) return index + before.length;
  }
  return undefined;
}

/** A `token` is a label in the path, as in RFC 7512, and a bearer token in a query. */
function isSecret(name: string, before: string): boolean {
  return secretKind(name) !== undefined || (name.toLowerCase() === 'token' && before.includes('?'));
}
