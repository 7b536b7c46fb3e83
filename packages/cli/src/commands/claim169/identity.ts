/**
 * Who a credential is about, who issues it and for how long, as the user gives it.
 *
 * @module
 */
import { Failure, isFailure } from 'hardkey';
import { type Identity, identityFromJson, type Meta } from 'hardkey/formats/claim169';
import { argument, type Given, required } from '../../given.ts';
import { readArgument, textOf } from '../../input.ts';
import { parseDuration } from '../../times.ts';

/** The identity: JSON in a file, on standard input or in the argument. */
export async function readIdentity(given: Given): Promise<Identity> {
  const json = parseIdentity(textOf(await readArgument(argument(given)), 'identity'));
  return takingIdentity(async () => identityFromJson(json));
}

/** Calls what takes an identity. What is wrong with that is wrong with the input, not with the call: `MALFORMED`. */
export async function takingIdentity<T>(take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    if (!isFailure(error, 'ARGUMENT_INVALID') || !/^identity\b/.test(error.details.field ?? '')) throw error;
    throw new Failure('MALFORMED', error.message, error.details, error);
  }
}

/** What stands beside it. It is issued now. */
export function metaOf(given: Given): Meta {
  const subject = given.text('subject');
  const audience = given.text('audience');
  const expiresIn = given.text('expires-in');
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    issuer: required(given, 'issuer'),
    ...(subject === undefined ? {} : { subject }),
    ...(audience === undefined ? {} : { audience }),
    ...(expiresIn === undefined ? {} : { expiresAt: issuedAt + parseDuration(expiresIn, 'expires-in') }),
    issuedAt,
  };
}

function parseIdentity(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the identity.
    throw new Failure('MALFORMED', 'the identity is not JSON, nor the name of a file', { field: 'identity' });
  }
}
