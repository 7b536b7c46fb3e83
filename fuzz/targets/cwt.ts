/**
 * CWT claims: what is read is written again, and can be judged in time.
 *
 * @module
 */
import { equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import {
  CborEncoded,
  CborFloat,
  type CborValue,
  encodeCbor,
} from '../../packages/hardkey/src/encoding/cbor/index.ts';
import { checkTimes, decodeCwt, encodeCwt } from '../../packages/hardkey/src/formats/cwt/index.ts';
import { promised, type Target } from '../target.ts';
import { NOW } from './keys.ts';

/** See the module. */
export const cwt: Target = {
  name: 'cwt',
  allowed: ['MALFORMED'],
  seeds: () => [
    encodeCwt(
      {
        issuer: 'https://id.example',
        subject: '1',
        audience: 'a',
        expiresAt: 1_800_000_000,
        notBefore: 1,
        issuedAt: 1,
      },
      new Map<CborValue, CborValue>([[169, new Map([[1, 'id']])]]),
    ),
    encodeCwt({ expiresAt: 1.5, cwtId: Uint8Array.of(1, 2) }, new Map([['x', 1]])),
    encodeCbor(
      new Map<CborValue, CborValue>([
        [4, new CborFloat(1e18)],
        [5, 2n ** 63n],
      ]),
    ),
  ],
  run(input) {
    const { claims, others } = decodeCwt(input);
    checkTimes(claims, { at: NOW });
    const kept = others.map(
      ({ key, start, end }) => [key, new CborEncoded(input.subarray(start, end))] as const,
    );
    const written = encodeCwt(claims, new Map<CborValue, CborValue>(kept));
    const again = decodeCwt(written);
    promised(again.others.length === others.length, 'no entry is lost');
    promised(
      equalBytes(encodeCwt(again.claims), encodeCwt(claims)),
      'the claims are read as they were written',
    );
    return written.length;
  },
};
