/**
 * Keys from elsewhere: taken apart here, and put together on the token.
 *
 * @module
 */
import { exportKey } from '#software';
import { algorithm } from '../../core/algorithms.ts';
import type { KeyMaterial } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import type { PublicKey } from '../../core/public-key.ts';
import { decodeRsaKey } from '../../core/rsa-key.ts';
import { importSoftwareKey, type SoftwarePair } from '../../core/software/import.ts';
import { DerReader, der, derTag } from '../../encoding/der.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails } from '../../errors.ts';
import { type CurveRow, curveParameters, curveRow, rowOf, type Use } from './algorithms.ts';
import { CKA, CKK, CKO } from './attributes.ts';
import type { Client } from './client.ts';
import {
  firstAccepted,
  type Making,
  type NewName,
  privateHalf,
  publicHalf,
  restrictions,
  secretTemplate,
} from './create.ts';
import type { Span, Template } from './wire.ts';

/** Takes a key in. Throws `MALFORMED` when its halves do not belong together. */
export async function importKey(
  client: Client,
  material: KeyMaterial,
  name: NewName,
  options: CallOptions,
  details: FailureDetails,
): Promise<void> {
  const pair = await importSoftwareKey(material);
  const bytes = await exportKey(pair.key);
  try {
    const requests = pair.publicKey === undefined ? secrets(pair, name, bytes) : privates(pair, name, bytes);
    const made = await firstAccepted(client, requests, options, details, { data: bytes, secret: true });
    if (pair.publicKey === undefined) return;
    const [object = ''] = made.reply.head.handles ?? [];
    try {
      await firstAccepted(client, publics(pair, pair.publicKey, name), options, details);
    } catch (error) {
      // Half a pair would stand in the way of the next attempt.
      await client.attempt(({ token }) => ({ op: 'destroy', slot: token.slot, object }), {}, details);
      throw error;
    }
  } finally {
    bytes.fill(0);
  }
}

function secrets({ algorithms }: SoftwarePair, name: NewName, bytes: Uint8Array): readonly Making[] {
  const facts = algorithm(algorithms[0] ?? '');
  const row = rowOf(facts.name);
  if (row === undefined) throw unsupported(facts.name);
  const value = [CKA.VALUE, { from: 0, to: bytes.length }] as const;
  return restrictions(facts).map((only) => creation([...secretTemplate(facts, row, name), value, ...only]));
}

function privates(pair: SoftwarePair, name: NewName, pkcs8: Uint8Array): readonly Making[] {
  const [first, ...others] = pair.algorithms.map((one) => algorithm(one));
  const own = [[CKA.CLASS, CKO.PRIVATE_KEY] as const, ...privateHalf(usesOf(pair), name)];
  const only = first === undefined || others.length > 0 ? [[]] : restrictions(first);
  return kindsOf(pair.publicKey).flatMap((kind) =>
    only.map((restricted) => creation([...own, ...kind, ...partsOf(pkcs8), ...restricted])),
  );
}

function publics(pair: SoftwarePair, publicKey: PublicKey, name: NewName): readonly Making[] {
  const own = [[CKA.CLASS, CKO.PUBLIC_KEY] as const, ...publicHalf(usesOf(pair), name)];
  const point = encodeHex(der(derTag.octetString, publicKey.toRaw()));
  const more: Template = publicKey.keyType === 'RSA' ? [] : [[CKA.EC_POINT, point]];
  return kindsOf(publicKey).map((kind) => creation([...own, ...kind, ...more]));
}

function creation(template: Template): Making {
  return (slot) => ({ op: 'create', slot, template });
}

/** What the key may be used for, as far as PKCS #11 has it. Throws `UNSUPPORTED` for nothing. */
function usesOf({ algorithms }: SoftwarePair): readonly Use[] {
  const uses = algorithms.flatMap((name) => rowOf(name)?.use ?? []);
  if (uses.length === 0) throw unsupported(algorithms[0]);
  return uses;
}

/** What both halves say of their kind, in the ways there are to say it. */
function kindsOf(publicKey: PublicKey | undefined): readonly Template[] {
  if (publicKey?.keyType === 'RSA') {
    const { modulus, exponent } = decodeRsaKey(publicKey.toRaw());
    return [
      [
        [CKA.KEY_TYPE, CKK.RSA],
        [CKA.MODULUS, encodeHex(modulus)],
        [CKA.PUBLIC_EXPONENT, encodeHex(exponent)],
      ],
    ];
  }
  const row = publicKey?.curve && curveRow(publicKey.curve);
  if (row === undefined) throw unsupported();
  return curveKinds(row);
}

function curveKinds(row: CurveRow): readonly Template[] {
  return curveParameters(row).map((parameters) => [
    [CKA.KEY_TYPE, row.keyType],
    [CKA.EC_PARAMS, parameters],
  ]);
}

const RSA_PARTS = [
  CKA.PRIVATE_EXPONENT,
  CKA.PRIME_1,
  CKA.PRIME_2,
  CKA.EXPONENT_1,
  CKA.EXPONENT_2,
  CKA.COEFFICIENT,
];

/** The private numbers of PKCS #8 (RFC 5958 §2), by where they are: they are not copied. */
function partsOf(pkcs8: Uint8Array): Template {
  const body = new DerReader(pkcs8, 'privateKey').enter();
  body.unsigned();
  const oid = body.enter().oid();
  const inner = new DerReader(body.read(derTag.octetString), 'privateKey');
  const spanOf = (part: Uint8Array): Span => {
    const from = part.byteOffset - pkcs8.byteOffset;
    return { from, to: from + part.length };
  };
  // RFC 8410 §7: CurvePrivateKey is an octet string.
  if (inner.tag === derTag.octetString) return [[CKA.VALUE, spanOf(inner.read(derTag.octetString))]];
  const key = inner.enter();
  key.unsigned();
  // RFC 5915 §3: the number comes after the version, padded to the length of the order.
  if (oid !== RSA_OID) return [[CKA.VALUE, spanOf(key.read(derTag.octetString))]];
  // RFC 8017 A.1.2: modulus and exponent, then what is secret.
  key.unsigned();
  key.unsigned();
  return RSA_PARTS.map((attribute) => [attribute, spanOf(key.unsigned())] as const);
}

const RSA_OID = '1.2.840.113549.1.1.1';

function unsupported(name = ''): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', 'PKCS #11 has no such key', { algorithm: name, provider: 'pkcs11' });
}
