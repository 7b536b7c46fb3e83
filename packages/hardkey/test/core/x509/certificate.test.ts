import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { maxCertificateBytes, parseCertificate } from '../../../src/core/x509/certificate.ts';
import { certificateHash } from '../../../src/core/x509/x5t.ts';
import { concat, utf8 } from '../../../src/encoding/bytes.ts';
import { der, derBits, derOid, derTag, derUnsigned } from '../../../src/encoding/der.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import {
  authority,
  certificate,
  extension,
  keyPair,
  nameOf,
  schemes,
  signer,
  usage,
} from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';

const malformed = failsWith('MALFORMED', { field: 'x509' });

test('the facts of a certificate are those OpenSSL reads', async () => {
  const root = authority({ subject: 'Root', pathLength: 3 });
  const made = signer({
    subject: 'Sigñer',
    issuer: root,
    notAfter: '2050-02-03T04:05:06Z',
    extKeyUsage: ['1.3.6.1.5.5.7.3.4'],
  });
  const found = await parseCertificate(made.der);
  const oracle = new X509Certificate(made.der);
  assert.equal(found.notBefore * 1000, Date.parse(oracle.validFrom));
  assert.equal(found.notAfter * 1000, Date.parse(oracle.validTo));
  assert.equal(new Date(found.notAfter * 1000).toISOString(), '2050-02-03T04:05:06.000Z');
  assert.deepEqual(found.extKeyUsage, oracle.keyUsage);
  assert.deepEqual(found.basicConstraints, { ca: oracle.ca });
  assert.deepEqual(found.keyUsage, ['digitalSignature']);
  assert.deepEqual(found.subject, nameOf('Sigñer'));
  assert.deepEqual(found.issuer, (await parseCertificate(root.der)).subject);
  assert.deepEqual(found.authorityKeyId, (await parseCertificate(root.der)).subjectKeyId);
  assert.deepEqual(found.criticalExtensions, ['2.5.29.19', '2.5.29.15']);
  assert.deepEqual((await parseCertificate(root.der)).basicConstraints, { ca: true, pathLength: 3 });
  const spki = oracle.publicKey.export({ type: 'spki', format: 'der' });
  assert.deepEqual((await found.publicKey()).spki, Uint8Array.from(spki));
});

test('every bit of the key usage has its name, however many bits are written', async () => {
  const names = [
    'digitalSignature',
    'nonRepudiation',
    'keyEncipherment',
    'dataEncipherment',
    'keyAgreement',
    'keyCertSign',
    'crlSign',
    'encipherOnly',
  ];
  for (const [bit, name] of names.entries()) {
    const made = certificate({ subject: 'S', keyUsage: [0x80 >> bit, 7 - bit] });
    assert.deepEqual((await parseCertificate(made.der)).keyUsage, [name]);
    const long = certificate({ subject: 'S', keyUsage: [0x80 >> bit, 0] });
    assert.deepEqual((await parseCertificate(long.der)).keyUsage, [name]);
  }
  const ninth = extension('2.5.29.15', true, der(derTag.bitString, Uint8Array.of(7, 0x06, 0x80)));
  const made = certificate({ subject: 'S', extensions: [ninth] });
  const found = (await parseCertificate(made.der)).keyUsage;
  assert.deepEqual(found?.toSorted(), ['crlSign', 'decipherOnly', 'keyCertSign']);
});

test('an absent extension says nothing, and CA:FALSE may be written out', async () => {
  const bare = await parseCertificate(certificate({ subject: 'S', anonymous: true }).der);
  assert.equal(bare.basicConstraints, undefined);
  assert.equal(bare.keyUsage, undefined);
  assert.equal(bare.subjectKeyId, undefined);
  const explicit = extension('2.5.29.19', true, Uint8Array.of(0x30, 3, 1, 1, 0));
  const made = certificate({ subject: 'S', extensions: [explicit] });
  assert.deepEqual((await parseCertificate(made.der)).basicConstraints, { ca: false });
});

/** A certificate whose only extra extension has this value. */
function extended(oid: string, value: Uint8Array): Uint8Array {
  return certificate({ subject: 'S', anonymous: true, extensions: [extension(oid, true, value)] }).der;
}

const TRUE = der(0x01, Uint8Array.of(0xff));
const basic = (...parts: Uint8Array[]): Uint8Array => extended('2.5.29.19', der(derTag.sequence, ...parts));

// The library that reads extensions passes over what it does not expect; none of these may be read.
const MALFORMED: Readonly<Record<string, () => Uint8Array>> = {
  'basic constraints in the wrong order': () => basic(derUnsigned(Uint8Array.of(1)), TRUE),
  'basic constraints with something more': () => basic(TRUE, derUnsigned(Uint8Array.of(1)), der(derTag.null)),
  'a path length of another type': () => basic(TRUE, der(derTag.octetString, Uint8Array.of(1))),
  'a negative path length': () => basic(TRUE, der(derTag.integer, Uint8Array.of(0xff))),
  'an enormous path length': () => basic(TRUE, derUnsigned(new Uint8Array(9).fill(0x7f))),
  'CA:TRUE that is not 0xff': () => basic(der(0x01, Uint8Array.of(1))),
  'basic constraints that are text': () => extended('2.5.29.19', der(0x0c, utf8('CA:TRUE'))),
  'a key usage that is no bit string': () =>
    extended('2.5.29.15', der(derTag.octetString, Uint8Array.of(0x80))),
  'a key usage with bytes after it': () =>
    extended('2.5.29.15', concat(der(derTag.bitString, Uint8Array.of(7, 0x80)), Uint8Array.of(0))),
  'a key usage of more unused bits than a byte has': () =>
    extended('2.5.29.15', der(derTag.bitString, Uint8Array.of(0xff, 0x80))),
  'a key usage of no bits': () => extended('2.5.29.15', der(derTag.bitString, Uint8Array.of(0))),
  'purposes that are numbers': () =>
    extended('2.5.29.37', der(derTag.sequence, derUnsigned(Uint8Array.of(1)))),
  'no purpose': () => extended('2.5.29.37', der(derTag.sequence)),
  'an extension that is empty': () => extended('2.5.29.19', new Uint8Array()),
  'an extension that is there twice': () => {
    const one = extension('2.5.29.19', true, der(derTag.sequence, TRUE));
    return certificate({ subject: 'S', extensions: [one, one] }).der;
  },
  'extensions in version 1': () => certificate({ subject: 'S', version: 1 }).der,
  'extensions in version 2': () => certificate({ subject: 'S', version: 2 }).der,
  'two signature algorithms': () =>
    certificate({ subject: 'S', outerIdentifier: schemes['ecdsa-sha384'].identifier }).der,
  'the thirtieth of February': () => certificate({ subject: 'S', notAfter: '2030-02-30T00:00:00Z' }).der,
  'a time that is not UTC': () => certificate({ subject: 'S', notAfter: '2030-02-01T00:00:00+0100' }).der,
  'a time without seconds': () => certificate({ subject: 'S', notAfter: '2030-02-01T00:00Z' }).der,
  'bytes after the end': () => concat(signer({ subject: 'S' }).der, Uint8Array.of(0)),
  'a length that is not minimal': () => {
    const { der: good } = signer({ subject: 'S' });
    return concat(Uint8Array.of(0x30, 0x83, 0x00), good.subarray(2));
  },
  'an indefinite length': () => {
    const { der: good } = signer({ subject: 'S' });
    return concat(Uint8Array.of(0x30, 0x80), good.subarray(4), Uint8Array.of(0, 0));
  },
  'nesting without end': () => {
    let bytes: Uint8Array = der(derTag.null);
    for (let i = 0; i < 2000; i++) bytes = der(derTag.sequence, bytes);
    return bytes;
  },
  'more than 16 KiB': () => {
    const large = extension('1.2.3', false, new Uint8Array(maxCertificateBytes));
    return certificate({ subject: 'S', extensions: [large] }).der;
  },
  'a name that is not DER inside': () => {
    const made = Buffer.from(signer({ subject: 'S' }).der);
    const inside = made.lastIndexOf(Buffer.from(der(0x0c, utf8('S'))));
    made.writeUInt8(2, inside + 1);
    return Uint8Array.from(made);
  },
  'an authority key identifier in BER': () =>
    extended('2.5.29.35', Uint8Array.of(0x30, 0x80, 0x80, 1, 7, 0, 0)),
  'no bytes': () => new Uint8Array(),
  'a public key': () => Uint8Array.from(keyPair().publicKey.export({ type: 'spki', format: 'der' })),
  'a signature that is not whole bytes': () => {
    const { der: good } = signer({ subject: 'S' });
    const body = der(derTag.bitString, Uint8Array.of(1, 0x80));
    const outer = good.subarray(4);
    const tbs = outer.subarray(0, 4 + (outer[2] ?? 0) * 256 + (outer[3] ?? 0));
    return der(derTag.sequence, tbs, schemes['ecdsa-sha256'].identifier, body);
  },
};

for (const [title, make] of Object.entries(MALFORMED)) {
  test(`${title} is MALFORMED`, async () => {
    await assert.rejects(parseCertificate(make()), malformed);
  });
}

test('every certificate that is cut short is MALFORMED', async () => {
  const { der: good } = signer({ subject: 'S' });
  for (let length = 0; length < good.length; length++) {
    await assert.rejects(parseCertificate(good.subarray(0, length)), malformed);
  }
});

test('a key of an unknown kind is UNSUPPORTED when it is asked for, not before', async () => {
  const { der: good } = signer({ subject: 'S' });
  const p256 = encodeHex(derOid('1.2.840.10045.3.1.7'));
  const other = encodeHex(derOid('1.2.840.10045.3.1.1'));
  const changed = Uint8Array.from(Buffer.from(encodeHex(good).replace(p256, other), 'hex'));
  const found = await parseCertificate(changed);
  await assert.rejects(found.publicKey(), failsWith('UNSUPPORTED'));
});

test('the caller’s bytes may change afterwards', async () => {
  const { der: good } = signer({ subject: 'S', keyUsage: usage.digitalSignature });
  const given = Uint8Array.from(good);
  const found = await parseCertificate(given);
  given.fill(0);
  assert.deepEqual(found.der, good);
});

test('thumbprints are those of node:crypto, and other hashes are UNSUPPORTED', async () => {
  const { der: good } = signer({ subject: 'S' });
  for (const [id, name] of [
    [-16, 'sha256'],
    [-43, 'sha384'],
    [-44, 'sha512'],
  ] as const) {
    const expected = Uint8Array.from(createHash(name).update(good).digest());
    assert.deepEqual(await certificateHash(good, id), { algorithm: id, hash: expected });
  }
  assert.equal((await certificateHash(good)).algorithm, -16);
  await assert.rejects(certificateHash(good, -15), failsWith('UNSUPPORTED'));
});

test('an identifier of a certificate’s signature keeps its parameters as they are', async () => {
  const keys = keyPair('rsa');
  const made = signer({ subject: 'S', keys, scheme: schemes['rsa-sha256'] });
  const { signatureAlgorithm, signature } = await parseCertificate(made.der);
  assert.deepEqual(signatureAlgorithm, { oid: '1.2.840.113549.1.1.11', parameters: der(derTag.null) });
  assert.equal(signature.length, 256);
  assert.deepEqual(derBits(signature).at(-1), made.der.at(-1));
});
