/**
 * CWT claims, with the tag that may stand before them: what is read is written again, can be judged in
 * time, and says whose key and which status it is bound to.
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
import {
  checkTimes,
  confirmationEntry,
  confirmationOf,
  decodeCwt,
  encodeCwt,
  statusEntry,
  statusOf,
  untagCwt,
} from '../../packages/hardkey/src/formats/cwt/index.ts';
import { promised, type Target } from '../target.ts';
import { NOW, signer } from './keys.ts';

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
    encodeCwt({}, new Map([confirmationEntry(signer.publicKey)])),
    encodeCwt({}, new Map([confirmationEntry(Uint8Array.of(7)), statusEntry({ index: 7, uri: 'a:b' })])),
    encodeCbor(
      new Map<CborValue, CborValue>([
        [4, new CborFloat(1e18)],
        [5, 2n ** 63n],
      ]),
    ),
  ],
  async run(input) {
    const { content } = untagCwt(input);
    const decoded = decodeCwt(content);
    const { claims, others } = decoded;
    checkTimes(claims, { at: NOW });
    statusOf(decoded);
    await confirmationOf(decoded);
    const kept = others.map(
      ({ key, start, end }) => [key, new CborEncoded(content.subarray(start, end))] as const,
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
