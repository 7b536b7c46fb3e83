/**
 * `hardkey key verify-attestation`.
 *
 * @module
 */
import { importPublicKey } from 'hardkey';
import { type Attested, verifyAttestation } from 'hardkey/formats/attestation';
import { argument, required } from '../../given.ts';
import { readSmallContent, textOf } from '../../input.ts';
import { fields, json } from '../../render.ts';
import type { Run } from '../../tree/command.ts';
import { readKeySource } from '../../trust.ts';
import { nonceOf } from './nonce.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const nonce = nonceOf(given);
  const source = await readKeySource(required(given, 'key'), 'key');
  const key = await importPublicKey(isPem(source) ? textOf(source, 'key') : source);
  required(given, 'root');
  const roots = await Promise.all(given.list('root').map((one) => readKeySource(one, 'root')));
  const evidence = await readSmallContent(argument(given));
  const proved = await verifyAttestation(evidence, { key, nonce, roots });
  await context.output.write(given.has('json') ? json(provedJson(proved, nonce)) : provedText(proved));
  return 0;
};

/** Whether the bytes of a file are a text: neither DER nor CBOR begins so. */
function isPem(source: string | Uint8Array): source is Uint8Array {
  return typeof source !== 'string' && source[0] !== undefined && source[0] !== 0x30 && source[0] < 0x80;
}

function provedJson(
  { key, custody, attestationKey, checks }: Attested,
  nonce: Uint8Array,
): Readonly<Record<string, unknown>> {
  return {
    attested: true,
    keyId: key.id,
    fingerprint: key.fingerprint,
    nonce: Buffer.from(nonce).toString('hex'),
    custody,
    attestationKey: attestationKey.fingerprint,
    checks,
  };
}

function provedText({ key, custody, attestationKey }: Attested): string {
  const facts = Object.entries(custody.facts).map(([name, value]) => `${name}=${value}`);
  return fields([
    ['key id', key.id],
    ['fingerprint', key.fingerprint],
    ['custody', [`${custody.place} (${custody.level})`, ...facts].join(' ')],
    ['attested by', attestationKey.fingerprint],
  ]);
}
