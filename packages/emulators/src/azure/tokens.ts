/**
 * Access tokens: signed by the token service, checked by the vault.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { errors, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../clock.ts';
import { AzureRefusal } from './rules.ts';

/** What the vault accepts tokens for. */
export const VAULT_RESOURCE = 'https://vault.azure.net';

/** How long a token is good for, in seconds. */
export const TOKEN_SECONDS = 3599;

/** Issues tokens and checks them. */
export interface Tokens {
  /** The public key, for those who fetch it. */
  readonly keys: { readonly keys: readonly JWK[] };
  issue(token: {
    readonly issuer: string;
    readonly client: string;
    readonly audience: string;
  }): Promise<string>;
  /** The id of the client that a token for the vault was issued to, or a refusal. */
  check(token: string): Promise<string>;
}

/** Tokens under a new key. */
export async function createTokens(clock: Clock): Promise<Tokens> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const kid = randomUUID();
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }] },
    issue: ({ issuer, client, audience }) =>
      new SignJWT({ appid: client, oid: client, ver: '1.0' })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(client)
        .setIssuedAt(seconds())
        .setNotBefore(seconds())
        .setExpirationTime(seconds() + TOKEN_SECONDS)
        .sign(privateKey),
    check: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          audience: VAULT_RESOURCE,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp', 'appid'],
        });
        return String(payload['appid']);
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new AzureRefusal('token expired', 'The token is expired.');
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
    return new AzureRefusal(
      'token for another audience',
      `AKV10022: Invalid audience. Expected ${VAULT_RESOURCE}, found: ${String(error.payload.aud)}.`,
    );
  if (error instanceof errors.JOSEError)
    return new AzureRefusal(
      'token that is none',
      'Error validating token: the token is not one of this authority.',
    );
  return error;
}
