/**
 * Verifies an audit log from its first line.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { checkFields } from '../core/policy/fields.ts';
import { Failure } from '../errors.ts';
import { type AuditHead, broken, followLine, GENESIS, LINE_LIMIT, type LinePlace } from './chain.ts';

/** Bytes of a log, in pieces of any size. */
type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const LINE_FEED = 0x0a;

/**
 * Reads a log to its end and returns the head of its chain. `source` is a path or the bytes.
 *
 * Throws `VERIFICATION_FAILED` with the line in `field` (`line.17`), the byte it begins at in `offset`,
 * and in `check` what does not hold: `format` (no record), `sequence` (one is missing, repeated or out
 * of order), `chain` (the one before it was changed), `end` (the last line has no end) or `head`.
 *
 * A chain alone shows neither that records were cut off at its end, nor that the last one was changed.
 * A `head` that was kept elsewhere does, for everything up to it: the log may have grown since.
 */
export async function verifyAudit(
  source: string | Pieces,
  options: { readonly head?: AuditHead } = {},
): Promise<AuditHead> {
  checkFields(options, ['head'], 'options');
  const path = typeof source === 'string' ? source : undefined;
  const pieces = typeof source === 'string' ? readPieces(source) : source;
  const verifier = lineVerifier(path, options.head);
  for await (const piece of pieces) verifier.push(piece);
  return verifier.end();
}

async function* readPieces(path: string): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Uint8Array;
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the log cannot be read', { path }, cause);
  }
}

/** Cuts bytes into lines and follows the chain through them. */
function lineVerifier(path: string | undefined, expected: AuditHead | undefined) {
  let head = GENESIS;
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();

  const place = (): LinePlace => ({
    number: head.sequence + 1,
    offset,
    ...(path === undefined ? {} : { path }),
  });

  function follow(line: Uint8Array): void {
    head = followLine(head, line, place());
    if (head.sequence === expected?.sequence && head.hash !== expected.hash) {
      throw broken('head', 'not the record that the head names', { ...place(), number: head.sequence });
    }
    offset += line.length + 1;
  }

  return {
    push(piece: Uint8Array): void {
      let from = 0;
      for (let end = piece.indexOf(LINE_FEED); end !== -1; end = piece.indexOf(LINE_FEED, from)) {
        const line = piece.subarray(from, end);
        follow(rest.length === 0 ? line : joined(rest, line));
        rest = new Uint8Array();
        from = end + 1;
      }
      rest = joined(rest, piece.subarray(from));
      if (rest.length > LINE_LIMIT) throw broken('format', 'not a record', place());
    },
    end(): AuditHead {
      if (rest.length > 0) throw broken('end', 'the last line has no end', place());
      if (expected !== undefined && head.sequence < expected.sequence) {
        throw broken('head', 'records up to the head are missing', place());
      }
      return head;
    },
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
