/**
 * Who issued a credential, to whom and for how long, as text.
 *
 * @module
 */
import type { Meta } from 'hardkey/formats/claim169';
import type { Field } from '../../render.ts';

/** One line for each that is there. */
export function metaFields(meta: Meta): readonly Field[] {
  const { issuer, subject, audience, cwtId, issuedAt, notBefore, expiresAt } = meta;
  return [
    ['issuer', issuer],
    ['subject', subject],
    ['audience', audience],
    ['id of token', cwtId && Buffer.from(cwtId).toString('hex')],
    ['issued', timeText(issuedAt)],
    ['not before', timeText(notBefore)],
    ['expires', timeText(expiresAt)],
  ];
}

/** A credential may name a second that no calendar has. */
function timeText(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
}
