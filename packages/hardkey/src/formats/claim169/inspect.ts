/**
 * What a QR text says of itself, before anything is verified.
 *
 * @module
 */
import { algorithmOfCose } from '../../core/algorithms.ts';
import { keyIdText } from '../../core/trust/key-id.ts';
import { decodeHeaders, type Headers, header, headerLabel, keyIdOf } from '../cose/headers.ts';
import { type CoseKind, type CoseStructure, decodeCose } from '../cose/structure.ts';
import { sign1Of } from '../cose/verify.ts';
import { decodeCwt } from '../cwt/claims.ts';
import type { CompressionFormat } from './compression/types.ts';
import type { Meta } from './decode.ts';
import { openText, type TextLimits } from './layers.ts';
import { qrVersion } from './qr-size.ts';

/** The layers of a QR text. Nothing in it is verified, and nothing may be trusted. */
export interface Inspected {
  readonly characters: number;
  readonly qrVersion?: number;
  readonly compression: CompressionFormat;
  readonly compressedBytes: number;
  readonly coseBytes: number;
  readonly cose: CoseKind;
  /** Name in the registry, or the COSE identifier where it is not known. */
  readonly algorithm?: string;
  readonly keyId?: string;
  /** Of a credential that is not encrypted. */
  readonly meta?: Meta;
}

/** Takes a QR text apart without verifying it. Throws `MALFORMED` with the layer in `field`. */
export async function inspect(text: string, limits: TextLimits = {}): Promise<Inspected> {
  const { compression, compressedLength, cose } = await openText(text, limits);
  const structure = decodeCose(cose);
  const headers = decodeHeaders(structure.elements[0], structure.elements[1]);
  const keyId = keyIdOf(headers);
  const algorithm = algorithmName(headers, structure.kind);
  return {
    characters: text.length,
    ...(text.length <= 4296 ? { qrVersion: qrVersion(text) } : {}),
    compression,
    compressedBytes: compressedLength,
    coseBytes: cose.length,
    cose: structure.kind,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId: keyIdText(keyId) }),
    ...metaOf(structure),
  };
}

function algorithmName(headers: Headers, kind: CoseKind): string | undefined {
  const id = header(headers, headerLabel.algorithm);
  if (typeof id !== 'number') return undefined;
  return algorithmOfCose(id, kind === 'sign1' ? 'sign' : 'aead')?.name ?? String(id);
}

function metaOf(structure: CoseStructure): { readonly meta?: Meta } {
  if (structure.kind !== 'sign1') return {};
  const { payload } = sign1Of(structure.elements);
  if (payload === undefined) return {};
  const { audience: _audience, cwtId: _cwtId, ...meta } = decodeCwt(payload).claims;
  return { meta };
}
