import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { component } from '../../../../../scripts/components/index.ts';
import { validatePath } from '../../../src/core/x509/path.ts';
import { der, derTag } from '../../../src/encoding/der.ts';
import { isFailure } from '../../../src/errors.ts';
import {
  authority,
  type CertificateSpec,
  extension,
  pemOf,
  signer,
  type TestCertificate,
  usage,
} from '../../support/certificates.ts';

const openssl = component('openssl');

/** Whether `openssl verify` accepts the leaf at a time, trusting only the roots. */
function opensslAccepts(
  leaf: TestCertificate,
  untrusted: readonly TestCertificate[],
  roots: readonly TestCertificate[],
  at: Date,
): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-x509-'));
  try {
    const [roots_, between, end] = ['roots.pem', 'untrusted.pem', 'leaf.pem'].map((name) =>
      join(folder, name),
    );
    if (roots_ === undefined || between === undefined || end === undefined) return false;
    writeFileSync(roots_, roots.map(pemOf).join(''));
    writeFileSync(between, untrusted.map(pemOf).join(''));
    writeFileSync(end, pemOf(leaf));
    const more = untrusted.length > 0 ? ['-untrusted', between] : [];
    const time = String(Math.floor(at.getTime() / 1000));
    const args = ['verify', '-x509_strict', '-no-CApath', '-CAfile', roots_, '-attime', time, ...more, end];
    return spawnSync(openssl.path, args).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Change = Partial<CertificateSpec>;
const at = new Date('2026-07-01T00:00:00Z');
const unknown = extension('1.3.6.1.4.1.99999.1', true, der(derTag.null));

const CASES: readonly (readonly [
  title: string,
  good: boolean,
  root: Change,
  intermediate: Change,
  leaf: Change,
])[] = [
  ['a good chain', true, {}, {}, {}],
  ['a path length that is just enough', true, { pathLength: 1 }, { pathLength: 0 }, {}],
  ['an expired intermediate', false, {}, { notAfter: '2025-01-01T00:00:00Z' }, {}],
  ['an expired root', false, { notAfter: '2025-01-01T00:00:00Z' }, {}, {}],
  ['a leaf of the future', false, {}, {}, { notBefore: '2030-01-01T00:00:00Z' }],
  ['a CA:FALSE issuer', false, {}, { ca: false }, {}],
  ['an issuer without keyCertSign', false, {}, { keyUsage: usage.crlSign }, {}],
  ['a path longer than its root allows', false, { pathLength: 0 }, {}, {}],
  ['an unknown critical extension', false, {}, {}, { extensions: [unknown] }],
  ['an unknown critical extension of an issuer', false, {}, { extensions: [unknown] }, {}],
];

for (const [title, good, root, intermediate, leaf] of CASES) {
  test(`OpenSSL and hardkey agree about ${title}`, { skip: openssl.missing ?? false }, async () => {
    const top = authority({ subject: 'Root', ...root });
    const middle = authority({ subject: 'Intermediate', issuer: top, ...intermediate });
    const end = signer({ subject: 'Signer', issuer: middle, ...leaf });
    assert.equal(opensslAccepts(end, [middle], [top], at), good);
    assert.equal(await accepts(end, [middle], [top]), good);
  });
}

test('OpenSSL and hardkey agree about roots that are not pinned', {
  skip: openssl.missing ?? false,
}, async () => {
  const top = authority({ subject: 'Root' });
  const namesake = authority({ subject: 'Root' });
  const end = signer({ subject: 'Signer', issuer: top });
  for (const [roots, good] of [
    [[top], true],
    [[namesake], false],
  ] as const) {
    assert.equal(opensslAccepts(end, [top], roots, at), good);
    assert.equal(await accepts(end, [top], roots), good);
  }
});

async function accepts(
  leaf: TestCertificate,
  between: readonly TestCertificate[],
  roots: readonly TestCertificate[],
): Promise<boolean> {
  const ders = (list: readonly TestCertificate[]): readonly Uint8Array[] => list.map((one) => one.der);
  try {
    await validatePath(ders([leaf, ...between]), ders(roots), { at });
    return true;
  } catch (error) {
    assert.ok(isFailure(error, 'VERIFICATION_FAILED'));
    return false;
  }
}
