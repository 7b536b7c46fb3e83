import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCertificate } from '../../../src/core/x509/certificate.ts';
import { type PathOptions, type ValidPath, validatePath } from '../../../src/core/x509/path.ts';
import { der, derOid, derTag } from '../../../src/encoding/der.ts';
import { isFailure } from '../../../src/errors.ts';
import {
  authority,
  type CertificateSpec,
  extension,
  flipped,
  keyPair,
  signer,
  type TestCertificate,
  usage,
} from '../../support/certificates.ts';
import { failsWith } from '../../support/failures.ts';

const at = new Date('2026-07-01T00:00:00Z');
const EXPIRED = { notBefore: '2024-01-01T00:00:00Z', notAfter: '2025-01-01T00:00:00Z' };

/** A root, an authority below it and a signer: good, but for what a test changes. */
function chain(change: {
  readonly root?: Partial<CertificateSpec>;
  readonly intermediate?: Partial<CertificateSpec>;
  readonly leaf?: Partial<CertificateSpec>;
}): {
  readonly root: TestCertificate;
  readonly intermediate: TestCertificate;
  readonly leaf: TestCertificate;
} {
  const root = authority({ subject: 'Root', ...change.root });
  const intermediate = authority({ subject: 'Intermediate', issuer: root, ...change.intermediate });
  const leaf = signer({ subject: 'Signer', issuer: intermediate, ...change.leaf });
  return { root, intermediate, leaf };
}

function validate(
  certificates: readonly TestCertificate[],
  roots: readonly TestCertificate[],
  options: Partial<PathOptions> = {},
): Promise<ValidPath> {
  return validatePath(
    certificates.map((one) => one.der),
    roots.map((one) => one.der),
    { at, usage: 'digitalSignature', ...options },
  );
}

function refusedBy(check: string, field?: string): (error: unknown) => true {
  return failsWith('VERIFICATION_FAILED', { check, ...(field !== undefined && { field }) });
}

test('a good chain holds, with every check in the report', async () => {
  const { root, intermediate, leaf } = chain({});
  const { leaf: found, path, checks } = await validate([leaf, intermediate], [root]);
  assert.deepEqual(found.der, leaf.der);
  assert.deepEqual(
    path.map((one) => one.der),
    [leaf.der, intermediate.der, root.der],
  );
  assert.deepEqual(
    checks.map(({ name }) => name),
    [
      'x509.name',
      'x509.signature',
      'x509.root',
      'x509.not-before',
      'x509.not-after',
      'x509.ca',
      'x509.key-cert-sign',
      'x509.path-length',
      'x509.critical-extension',
      'x509.key-usage',
      'x509.ext-key-usage',
    ],
  );
  assert.ok(checks.every(({ passed }) => passed));
});

test('a chain that brings its pinned root along holds', async () => {
  const { root, intermediate, leaf } = chain({});
  await validate([leaf, intermediate, root], [root]);
});

test('an intermediate authority can be pinned instead of the root above it', async () => {
  const { root, intermediate, leaf } = chain({});
  const { path } = await validate([leaf, intermediate, root], [intermediate]);
  assert.equal(path.length, 2);
});

test('a self-signed certificate that was pinned validates itself', async () => {
  const own = authority({ subject: 'Own', keyUsage: [0x84, 2] });
  assert.equal((await validate([own], [own])).path.length, 2);
});

// The refusals: each differs from the good chain in the one thing its title names.
const REFUSALS: readonly (readonly [
  title: string,
  check: string,
  field: string,
  Parameters<typeof chain>[0],
])[] = [
  ['an expired intermediate', 'x509.not-after', 'x509.1', { intermediate: EXPIRED }],
  ['an expired leaf', 'x509.not-after', 'x509.0', { leaf: EXPIRED }],
  ['an expired root', 'x509.not-after', 'x509.2', { root: EXPIRED }],
  ['a leaf of the future', 'x509.not-before', 'x509.0', { leaf: { notBefore: '2030-01-01T00:00:00Z' } }],
  [
    'an intermediate of the future',
    'x509.not-before',
    'x509.1',
    { intermediate: { notBefore: '2030-01-01T00:00:00Z' } },
  ],
  ['a CA:FALSE issuer', 'x509.ca', 'x509.1', { intermediate: { ca: false } }],
  ['an issuer of version 1', 'x509.ca', 'x509.1', { intermediate: { version: 1, ...bare() } }],
  [
    'an issuer without keyCertSign',
    'x509.key-cert-sign',
    'x509.1',
    { intermediate: { keyUsage: usage.crlSign } },
  ],
  [
    'a root without keyCertSign',
    'x509.key-cert-sign',
    'x509.2',
    { root: { keyUsage: usage.digitalSignature } },
  ],
  ['a path longer than its root allows', 'x509.path-length', 'x509.2', { root: { pathLength: 0 } }],
  [
    'an unknown critical extension of the leaf',
    'x509.critical-extension',
    'x509.0',
    { leaf: { extensions: [unknown()] } },
  ],
  [
    'an unknown critical extension of an issuer',
    'x509.critical-extension',
    'x509.1',
    { intermediate: { extensions: [unknown()] } },
  ],
  [
    'critical name constraints',
    'x509.critical-extension',
    'x509.1',
    { intermediate: { extensions: [nameConstraints()] } },
  ],
  ['a leaf for encryption', 'x509.key-usage', 'x509.0', { leaf: { keyUsage: usage.keyEncipherment } }],
];

for (const [title, check, field, change] of REFUSALS) {
  test(`${title} is refused by ${check}`, async () => {
    const { root, intermediate, leaf } = chain(change);
    await assert.rejects(validate([leaf, intermediate], [root]), refusedBy(check, field));
  });
}

function unknown(): Uint8Array {
  return extension('1.3.6.1.4.1.99999.1', true, der(derTag.null));
}

function nameConstraints(): Uint8Array {
  return extension('2.5.29.30', true, der(derTag.sequence, der(0xa0, der(derTag.sequence, der(0x82)))));
}

/** Without any extension; `authority` gives some. */
function bare(): Partial<CertificateSpec> {
  return { anonymous: true, ca: undefined, keyUsage: undefined } as unknown as Partial<CertificateSpec>;
}

test('an unknown extension that is not critical is passed over', async () => {
  const extensions = [extension('1.3.6.1.4.1.99999.1', false, der(derTag.null))];
  const { root, intermediate, leaf } = chain({ leaf: { extensions } });
  await validate([leaf, intermediate], [root]);
});

test('a path length counts the authorities between, not the leaf and not self-issued ones', async () => {
  const root = authority({ subject: 'Root', pathLength: 1 });
  const intermediate = authority({ subject: 'Intermediate', issuer: root, pathLength: 0 });
  const renewed = authority({ subject: 'Intermediate', issuer: intermediate });
  const leaf = signer({ subject: 'Signer', issuer: renewed });
  await validate([leaf, renewed, intermediate], [root]);
  const below = authority({ subject: 'Below', issuer: intermediate });
  const deep = signer({ subject: 'Signer', issuer: below });
  await assert.rejects(
    validate([deep, below, intermediate], [root]),
    refusedBy('x509.path-length', 'x509.2'),
  );
});

test('a root found only inside the document is refused by x509.root', async () => {
  const { root, intermediate, leaf } = chain({});
  const other = authority({ subject: 'Another root' });
  await assert.rejects(validate([leaf, intermediate, root], [other]), refusedBy('x509.root', 'x509.2'));
  await assert.rejects(validate([leaf, intermediate, root], []), refusedBy('x509.root'));
  const own = authority({ subject: 'Own', keyUsage: usage.digitalSignature });
  await assert.rejects(validate([own], [other]), refusedBy('x509.root', 'x509.0'));
});

test('a root of another name is none, though its key signed', async () => {
  const { root, leaf } = chain({ intermediate: { subject: 'Intermediate' } });
  const direct = signer({ subject: 'Signer', issuer: root });
  const renamed = authority({ subject: 'Renamed', keys: root });
  await validate([direct], [root]);
  await assert.rejects(validate([direct], [renamed]), refusedBy('x509.root', 'x509.0'));
  await assert.rejects(validate([leaf], [renamed]), refusedBy('x509.root', 'x509.0'));
});

test('a root of the same name with another key is refused by x509.anchor-key', async () => {
  for (const anonymous of [{}, { anonymous: true } as const]) {
    const { root, intermediate, leaf } = chain({ root: anonymous, intermediate: anonymous });
    const namesake = authority({ subject: 'Root', ...anonymous });
    for (const given of [
      [leaf, intermediate],
      [leaf, intermediate, root],
    ]) {
      await assert.rejects(validate(given, [namesake]), refusedBy('x509.anchor-key'));
    }
    await validate([leaf, intermediate], [namesake, root]);
  }
});

test('a certificate signed by another key of the issuer’s name is refused by x509.signature', async () => {
  const { root, intermediate } = chain({});
  const impostor = authority({ subject: 'Intermediate', issuer: root });
  const leaf = signer({ subject: 'Signer', issuer: impostor });
  await assert.rejects(validate([leaf, intermediate], [root]), refusedBy('x509.signature', 'x509.0'));
});

test('every changed bit of a certificate is refused', async () => {
  const root = authority({ subject: 'Root' });
  const leaf = signer({ subject: 'Signer', issuer: root });
  for (let offset = 0; offset < leaf.der.length; offset++) {
    const changed = { ...leaf, der: flipped(leaf.der, offset) };
    await assert.rejects(validate([changed], [root]), (error) => {
      assert.ok(isFailure(error), `${offset}: ${error}`);
      return ['VERIFICATION_FAILED', 'MALFORMED', 'UNSUPPORTED'].includes(error.code);
    });
  }
});

test('a changed certificate directly below its pinned root is refused by x509.signature', async () => {
  const root = authority({ subject: 'Root' });
  const leaf = signer({ subject: 'Signer', issuer: root });
  const changed = { ...leaf, der: flipped(leaf.der, leaf.der.length - 1) };
  await assert.rejects(validate([changed], [root]), refusedBy('x509.signature', 'x509.0'));
});

test('a chain whose names do not follow each other is refused by x509.name', async () => {
  const { root, intermediate, leaf } = chain({});
  const stranger = authority({ subject: 'Stranger', issuer: root });
  await assert.rejects(validate([leaf, stranger, intermediate], [root]), refusedBy('x509.name', 'x509.1'));
  const misnamed = signer({ subject: 'Signer', issuer: intermediate, issuerName: 'Stranger' });
  await assert.rejects(validate([misnamed, intermediate], [root]), refusedBy('x509.name', 'x509.1'));
});

test('a missing intermediate is found among those given beside the chain', async () => {
  const { root, intermediate, leaf } = chain({});
  const second = authority({ subject: 'Second', issuer: intermediate });
  const end = signer({ subject: 'Signer', issuer: second });
  const intermediates = [leaf.der, second.der, intermediate.der];
  assert.equal((await validate([end], [root], { intermediates })).path.length, 4);
  await assert.rejects(validate([end], [root]), refusedBy('x509.root', 'x509.0'));
});

test('of two certificates of one authority, the one that is valid is taken', async () => {
  const keys = keyPair();
  const { root } = chain({});
  const old = authority({ subject: 'Intermediate', issuer: root, keys, ...EXPIRED });
  const renewed = authority({ subject: 'Intermediate', issuer: root, keys });
  const leaf = signer({ subject: 'Signer', issuer: renewed });
  await validate([leaf], [root], { intermediates: [old.der, renewed.der] });
  await validate([leaf], [old, renewed]);
});

test('authorities that sign each other end in no root', async () => {
  const [a, b] = [keyPair(), keyPair()];
  const nameless = authority({ subject: 'A', keys: a });
  const ofB = authority({ subject: 'B', keys: b, issuer: nameless });
  const ofA = authority({ subject: 'A', keys: a, issuer: ofB });
  const leaf = signer({ subject: 'Signer', issuer: ofA });
  const other = authority({ subject: 'Root' });
  await assert.rejects(
    validate([leaf], [other], { intermediates: [ofA.der, ofB.der] }),
    refusedBy('x509.root', 'x509.2'),
  );
});

test('a leaf that may sign documents in either way is taken when both are asked for', async () => {
  const both = { usage: ['digitalSignature', 'nonRepudiation'] } as const;
  const { root, intermediate, leaf } = chain({ leaf: { keyUsage: usage.nonRepudiation } });
  await validate([leaf, intermediate], [root], both);
  await assert.rejects(validate([leaf, intermediate], [root]), refusedBy('x509.key-usage'));
});

test('a purpose must be named by the leaf, and by authorities that name any', async () => {
  const [signing, mail, any] = ['1.3.6.1.5.5.7.3.36', '1.3.6.1.5.5.7.3.4', '2.5.29.37.0'];
  const asked = { extKeyUsage: signing };
  const refused = refusedBy('x509.ext-key-usage');
  const cases: readonly (readonly [
    leaf: string[] | undefined,
    intermediate: string[] | undefined,
    good: boolean,
  ])[] = [
    [[signing], undefined, true],
    [[mail, signing], [any], true],
    [[signing], [signing], true],
    [[mail], undefined, false],
    [undefined, undefined, false],
    [[any], undefined, false],
    [[signing], [mail], false],
  ];
  for (const [leafPurposes, authorityPurposes, good] of cases) {
    const { root, intermediate, leaf } = chain({
      leaf: leafPurposes === undefined ? {} : { extKeyUsage: leafPurposes },
      intermediate: authorityPurposes === undefined ? {} : { extKeyUsage: authorityPurposes },
    });
    const outcome = validate([leaf, intermediate], [root], asked);
    await (good ? outcome : assert.rejects(outcome, refused));
  }
});

test('validity includes its first and its last second', async () => {
  const leafTimes = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-02-01T00:00:00Z' };
  const { root, intermediate, leaf } = chain({ leaf: leafTimes });
  const on = (iso: string): Promise<ValidPath> =>
    validate([leaf, intermediate], [root], { at: new Date(iso) });
  await on('2026-01-01T00:00:00Z');
  await on('2026-02-01T00:00:00Z');
  await assert.rejects(on('2025-12-31T23:59:59Z'), refusedBy('x509.not-before'));
  await assert.rejects(on('2026-02-01T00:00:01Z'), refusedBy('x509.not-after'));
});

test('more than ten certificates, none, or one too large are MALFORMED', async () => {
  const { root, leaf } = chain({});
  const ten = Array.from({ length: 11 }, () => leaf);
  await assert.rejects(validate(ten, [root]), failsWith('MALFORMED', { field: 'x509' }));
  await assert.rejects(validate([], [root]), failsWith('MALFORMED', { field: 'x509' }));
  const nine = { intermediates: Array.from({ length: 10 }, () => leaf.der) };
  await assert.rejects(validate([leaf], [root], nine), failsWith('MALFORMED', { field: 'x509' }));
  const large = { ...leaf, der: der(derTag.sequence, new Uint8Array(16_384)) };
  await assert.rejects(validate([leaf, large], [root]), failsWith('MALFORMED', { field: 'x509.1' }));
});

test('a time that is none and an unknown option are ARGUMENT_INVALID', async () => {
  const { root, intermediate, leaf } = chain({});
  const given = [leaf, intermediate];
  await assert.rejects(
    validate(given, [root], { at: new Date('no') }),
    failsWith('ARGUMENT_INVALID', { field: 'at' }),
  );
  const wrong = { eku: '1.2.3' } as Partial<PathOptions>;
  await assert.rejects(validate(given, [root], wrong), failsWith('ARGUMENT_INVALID', { field: 'eku' }));
});

test('purposes of a leaf are object identifiers', async () => {
  const made = signer({ subject: 'Signer', extKeyUsage: ['1.3.6.1.5.5.7.3.36'] });
  assert.deepEqual((await parseCertificate(made.der)).extKeyUsage, ['1.3.6.1.5.5.7.3.36']);
  const wrong = extension('2.5.29.37', false, der(derTag.sequence, derOid('1.2.3'), der(derTag.null)));
  const mixed = signer({ subject: 'Signer', extensions: [wrong] });
  await assert.rejects(parseCertificate(mixed.der), failsWith('MALFORMED'));
});
