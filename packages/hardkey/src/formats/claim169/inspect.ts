/**
 * What a QR text says of itself, before anything is verified.
 *
 * @module
 */
import { algorithmOfSignature, algorithmsOfCose } from '../../core/algorithms.ts';
import { anything, checkOptions, type TableOf } from '../../core/option-table.ts';
import { keyIdText } from '../../core/trust/key-id.ts';
import { isFailure } from '../../errors.ts';
import { decodeHeaders, type Headers, header, headerLabel, keyIdOf } from '../cose/headers.ts';
import { optionsGiven } from '../cose/options.ts';
import { type CoseKind, type CoseStructure, decodeCose } from '../cose/structure.ts';
import { sign1Of } from '../cose/verify.ts';
import { hasX509, type X509Parameters, x509Parameters } from '../cose/x509-read.ts';
import { decodeCwt } from '../cwt/claims.ts';
import type { CompressionFormat } from './compression/types.ts';
import { openText, type TextLayers, type TextLimits } from './layers.ts';
import { identityLabel, type Meta, readMeta } from './meta.ts';
import { type Profile, rulesOf } from './profile.ts';
import { qrCapacity, qrVersion } from './qr-size.ts';
import { standInOf } from './signed.ts';

/** The layers of a QR text. Nothing in it is verified, and nothing may be trusted. */
export interface Inspected {
  readonly characters: number;
  readonly qrVersion?: number;
  readonly compression: CompressionFormat | 'none';
  readonly compressedBytes: number;
  readonly coseBytes: number;
  /** The profile that reads it, as far as that shows without a key. */
  readonly profile: Profile;
  readonly cose: CoseKind;
  /** Name in the registry, or the COSE identifier where it is not known. */
  readonly algorithm?: string;
  readonly keyId?: string;
  /** The backend that its signer's key, in software, stands in for. */
  readonly softwareInsteadOf?: string;
  /** What it says of its signer's certificates. */
  readonly x509?: X509Parameters;
  /** Of a credential that is not encrypted. */
  readonly meta?: Meta;
}

/** Takes a QR text apart without verifying it. Throws `MALFORMED` with the layer in `field`. */
export async function inspect(text: string, limits: TextLimits = {}): Promise<Inspected> {
  checkOptions(optionsGiven(limits, 'limits'), LIMITS);
  const { compression, compressedLength, cose, wrapped } = await openAny(text, limits);
  const structure = decodeCose(cose);
  const headers = decodeHeaders(structure.elements[0], structure.elements[1]);
  const keyId = keyIdOf(headers);
  const algorithm = algorithmName(headers, structure);
  const claims = claimsOf(structure);
  const profile = compression === 'none' ? 'claim169-0.3' : '1.2.1';
  return {
    characters: text.length,
    ...(text.length <= qrCapacity(40) ? { qrVersion: qrVersion(text) } : {}),
    compression,
    compressedBytes: compressedLength,
    coseBytes: cose.length,
    profile: wrapped || claims?.wrapped === true ? 'mosip' : profile,
    cose: structure.kind,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId: keyIdText(keyId) }),
    ...standInOf(headers),
    ...(hasX509(headers) && { x509: x509Parameters(headers) }),
    ...(claims && { meta: claims.meta }),
  };
}

const LIMITS: TableOf<TextLimits> = { maxTextLength: anything, maxDecompressedBytes: anything };

/** Takes off the layers of any profile. */
async function openAny(text: string, limits: TextLimits): Promise<TextLayers> {
  try {
    return await openText(text, limits, rulesOf('mosip'));
  } catch (failure) {
    if (!isFailure(failure, 'MALFORMED') || failure.details.actual !== 'claim169-0.3') throw failure;
    return openText(text, limits, rulesOf('claim169-0.3'));
  }
}

function algorithmName(headers: Headers, { kind, elements }: CoseStructure): string | undefined {
  const id = header(headers, headerLabel.algorithm);
  if (typeof id !== 'number') return undefined;
  const rows = algorithmsOfCose(id, kind === 'sign1' ? 'sign' : 'aead');
  const last = elements.at(-1);
  const row = last instanceof Uint8Array ? algorithmOfSignature(rows, last) : rows[0];
  return row?.name ?? String(id);
}

function claimsOf(structure: CoseStructure): { readonly meta: Meta; readonly wrapped: boolean } | undefined {
  const payload = payloadOf(structure);
  if (payload === undefined) return undefined;
  const { claims, others } = decodeCwt(payload);
  const identity = others.find(({ key }) => key === identityLabel)?.value;
  return { meta: readMeta(payload, claims, others), wrapped: identity instanceof Uint8Array };
}

function payloadOf({ kind, elements }: CoseStructure): Uint8Array | undefined {
  if (kind === 'sign1') return sign1Of(elements).payload;
  const [, , payload] = elements;
  return kind === 'sign' && payload instanceof Uint8Array ? payload : undefined;
}
