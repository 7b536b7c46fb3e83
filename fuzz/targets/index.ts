/**
 * Every target. A new decoder gets a file here and a line in this list.
 *
 * @module
 */
import type { Target } from '../target.ts';
import { allowedSigners } from './allowed-signers.ts';
import { attestation } from './attestation.ts';
import { base45 } from './base45.ts';
import { brotli } from './brotli.ts';
import { cbor } from './cbor.ts';
import { claim169 } from './claim169.ts';
import { cose } from './cose.ts';
import { cwt } from './cwt.ts';
import { der } from './der.ts';
import { frames } from './frames.ts';
import { identity } from './identity.ts';
import { jws, jwt } from './jws.ts';
import { jwsJson } from './jws-json.ts';
import { keyRef } from './key-ref.ts';
import { keyring } from './keyring.ts';
import { pem } from './pem.ts';
import { picture } from './picture.ts';
import { prepared } from './prepared.ts';
import { ssh } from './ssh.ts';
import { sshsig } from './sshsig.ts';
import { tpm } from './tpm.ts';
import { trust } from './trust.ts';
import { x509 } from './x509.ts';

/** The targets, in the order they run. */
export const targets: readonly Target[] = [
  claim169,
  cose,
  trust,
  x509,
  prepared,
  brotli,
  der,
  cbor,
  cwt,
  base45,
  keyRef,
  jwsJson,
  jws,
  jwt,
  pem,
  frames,
  identity,
  picture,
  tpm,
  sshsig,
  ssh,
  allowedSigners,
  attestation,
  keyring,
];
