/**
 * Evidence of where a key lives: nothing changed is accepted, whoever states it.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { importPublicKey } from '../../packages/hardkey/src/core/import-public-key.ts';
import { createTrust } from '../../packages/hardkey/src/core/trust/trust.ts';
import { utf8 } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodeHex } from '../../packages/hardkey/src/encoding/hex.ts';
import { verifyAttestation } from '../../packages/hardkey/src/formats/attestation/verify.ts';
import { decodeEvidence } from '../../packages/hardkey/src/protocols/tpm/evidence.ts';
import { forgeEvidence } from '../../packages/hardkey/test/support/forged-evidence.ts';
import { promised, type Target } from '../target.ts';
import { NOW } from './keys.ts';

/** RFC 6979 A.2.5, for which the statement is signed once and for all: ECDSA has another signature each time. */
const attesting = await importPublicKey({
  kty: 'EC',
  crv: 'P-256',
  x: 'YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y',
  y: 'eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk',
});
const SIGNATURE = decodeHex(
  'd4e43673f6de21ba4dab4b3bca4cb10e3cdb34365d4c9331ccf7ed1bfc500b5a409c99112f222fdeb289cc0af16d3b65f670f24baf06bfea961e095fd6fa5b03',
);
/** The base point of P-256 (SP 800-186 §3.2.1). */
const key = await importPublicKey({
  kty: 'EC',
  crv: 'P-256',
  x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
});
const nonce = utf8('what nobody could know');
const roots = await createTrust(attesting);
const seed = await forgeEvidence({ publicKeyPem: attesting.toPem(), sign: () => SIGNATURE }, key, nonce);
const { signature: _, ...stated } = decodeEvidence(seed);

/** See the module. */
export const attestation: Target = {
  name: 'attestation',
  allowed: ['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED'],
  seeds: () => [seed],
  async run(input) {
    const proved = await verifyAttestation(input, { key, nonce, roots, now: NOW });
    const { signature: _other, ...accepted } = decodeEvidence(input);
    promised(isDeepStrictEqual(accepted, stated), 'what was stated is what was signed');
    promised(proved.key.fingerprint === key.fingerprint, 'it is about the key that was asked for');
    promised(proved.attestationKey.fingerprint === attesting.fingerprint, 'the trusted key stated it');
    return input.length;
  },
};
