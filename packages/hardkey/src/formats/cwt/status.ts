/**
 * The status claim: where it can be found out whether a token was revoked. Nothing is fetched here.
 *
 * @module
 */
import type { CborMap, CborValue } from '../../encoding/cbor/index.ts';
import { Failure, invalid } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { cwtGiven, type DecodedCwt } from './claims.ts';

/** Label of the claim (IANA "CWT Claims"). */
export const statusLabel = 65_535;

/** A place in a status list. */
export interface StatusListEntry {
  readonly index: number;
  readonly uri: string;
}

/** What a token says of its status. */
export interface CwtStatus {
  /** Its place in a Token Status List. */
  readonly statusList?: StatusListEntry;
  /** Everything that stands in the claim; there are other mechanisms. */
  readonly members: CborMap;
}

const STATUS_LIST = 'status_list';

/** The entry of the claim, for the second argument of `encodeCwt`. */
export function statusEntry(entry: StatusListEntry): readonly [number, CborMap] {
  const { index, uri } = optionsGiven(entry, 'status');
  if (!isIndex(index)) throw invalid('an index is a whole number from 0 on', 'status.index');
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw invalid('not an absolute URI', 'status.uri');
  const place = new Map<CborValue, CborValue>([
    ['idx', index],
    ['uri', uri],
  ]);
  return [statusLabel, new Map<CborValue, CborValue>([[STATUS_LIST, place]])];
}

/** Reads the claim, where there is one. Throws `MALFORMED`, field `cwt.status`. */
export function statusOf(cwt: DecodedCwt): CwtStatus | undefined {
  const members = cwtGiven(cwt).others.find(({ key }) => key === statusLabel)?.value;
  if (members === undefined) return undefined;
  if (!(members instanceof Map)) throw malformed('the claim is not a map');
  const place = members.get(STATUS_LIST);
  if (place === undefined) return { members };
  if (!(place instanceof Map)) throw malformed('the status list is not a map');
  const [index, uri] = [place.get('idx'), place.get('uri')];
  if (!isIndex(index) || typeof uri !== 'string') throw malformed('no place in a status list');
  return { statusList: { index, uri }, members };
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function malformed(message: string): Failure<'MALFORMED'> {
  return new Failure('MALFORMED', message, { field: 'cwt.status' });
}
