import { describe, it } from 'node:test';
import { type AwsKeyName, formatAwsKeyName, parseAwsKeyName } from '../../../src/core/refs/aws.ts';
import { type AzureKeyName, formatAzureKeyName, parseAzureKeyName } from '../../../src/core/refs/azure.ts';
import { formatGcpKeyName, type GcpKeyName, parseGcpKeyName } from '../../../src/core/refs/gcp.ts';
import { formatVaultKeyName, parseVaultKeyName, type VaultKeyName } from '../../../src/core/refs/vault.ts';
import { readsAs, refused } from './refused.ts';

const UUID = '1234abcd-12ab-34cd-56ef-1234567890ab';

describe('awskms references', () => {
  const codec = { parse: parseAwsKeyName, format: formatAwsKeyName };
  const cases: readonly (readonly [body: string, expected: AwsKeyName, canonical?: string])[] = [
    [`///${UUID}`, { key: UUID }],
    ['///mrk-1234abcd12ab34cd56ef1234567890ab', { key: 'mrk-1234abcd12ab34cd56ef1234567890ab' }],
    ['///alias/x', { key: 'alias/x' }],
    ['///alias/team/x_1?region=eu-west-1', { key: 'alias/team/x_1', region: 'eu-west-1' }],
    [
      `///arn:aws:kms:us-east-2:111122223333:key/${UUID}`,
      { key: `arn:aws:kms:us-east-2:111122223333:key/${UUID}` },
    ],
    [
      '///arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/ExampleAlias',
      { key: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/ExampleAlias' },
    ],
    [`//localhost:4566/${UUID}`, { key: UUID, endpoint: 'localhost:4566' }],
    [`//LOCALHOST/${UUID}`, { key: UUID, endpoint: 'localhost' }, `//localhost/${UUID}`],
    [`//[::1]:4566/alias/x`, { key: 'alias/x', endpoint: '[::1]:4566' }],
  ];
  for (const [body, expected, canonical] of cases) {
    it(`awskms:${body}`, () => readsAs(codec, body, expected, canonical));
  }

  const refusals: readonly (readonly [why: string, body: string, field: string])[] = [
    ['no body', '', 'awskms'],
    ['no key', '///', 'awskms.key'],
    ['no slash behind the endpoint', '//localhost', 'awskms'],
    ['a key of no known form', '///my-key', 'awskms.key'],
    ['an ARN of another service', '///arn:aws:s3:us-east-2:111122223333:key/x', 'awskms.key'],
    ['a short account', `///arn:aws:kms:us-east-2:1111:key/${UUID}`, 'awskms.key'],
    ['credentials before the endpoint', `//me:pw@localhost/${UUID}`, 'awskms.endpoint'],
    ['a port beyond the last', `//localhost:70000/${UUID}`, 'awskms.endpoint'],
    ['an endpoint that is no host', `//local_host/${UUID}`, 'awskms.endpoint'],
    [
      'a region that contradicts the ARN',
      `///arn:aws:kms:us-east-2:111122223333:key/${UUID}?region=eu-west-1`,
      'awskms.region',
    ],
    ['a region that is none', '///alias/x?region=%2F', 'awskms.region'],
    ['a secret key', '///alias/x?secret-access-key=x', 'awskms.management-key'],
    ['an unknown attribute', '///alias/x?profile=x', 'awskms'],
  ];
  for (const [why, body, field] of refusals) {
    it(`${why} is refused`, () => refused(() => parseAwsKeyName(body), field));
  }
});

describe('gcpkms references', () => {
  const codec = { parse: parseGcpKeyName, format: formatGcpKeyName };
  const key: GcpKeyName = { project: 'p-1', location: 'global', keyRing: 'R', key: 'K' };
  const name = '//projects/p-1/locations/global/keyRings/R/cryptoKeys/K';
  it('name a key', () => readsAs(codec, name, key));
  it('name a version', () => readsAs(codec, `${name}/cryptoKeyVersions/3`, { ...key, version: '3' }));
  it('name a version in short', () =>
    readsAs(codec, `${name}/versions/3`, { ...key, version: '3' }, `${name}/cryptoKeyVersions/3`));
  it('name a project of a domain', () =>
    readsAs(codec, name.replace('p-1', 'example.com:p-1'), { ...key, project: 'example.com:p-1' }));

  const refusals: readonly (readonly [why: string, body: string])[] = [
    ['no body', ''],
    ['smallstep’s form', name.slice(2)],
    ['a key ring', '//projects/p-1/locations/global/keyRings/R'],
    ['a version in words', `${name}/cryptoKeyVersions/latest`],
    ['something behind the version', `${name}/cryptoKeyVersions/1/x`],
    ['an empty key', '//projects/p-1/locations/global/keyRings/R/cryptoKeys/'],
    ['a step out of the key ring', '//projects/p-1/locations/global/keyRings/../cryptoKeys/K'],
    ['a query', `${name}?version=1`],
  ];
  for (const [why, body] of refusals)
    it(`${why} is refused`, () => refused(() => parseGcpKeyName(body), 'gcpkms'));
});

describe('azurekms references', () => {
  const codec = { parse: parseAzureKeyName, format: formatAzureKeyName };
  const vaultHost = 'example.vault.azure.net';
  const version = '78deebed173b48e48f55abf87ed4cf71';
  const cases: readonly (readonly [body: string, expected: AzureKeyName, canonical?: string])[] = [
    [`//${vaultHost}/issuer-1`, { vaultHost, key: 'issuer-1' }],
    [`//${vaultHost}/issuer-1/`, { vaultHost, key: 'issuer-1' }, `//${vaultHost}/issuer-1`],
    [`//${vaultHost}/issuer-1/${version}`, { vaultHost, key: 'issuer-1', version }],
    ['//localhost:8443/K', { vaultHost: 'localhost:8443', key: 'K' }],
  ];
  for (const [body, expected, canonical] of cases) {
    it(`azurekms:${body}`, () => readsAs(codec, body, expected, canonical));
  }

  const refusals: readonly (readonly [why: string, body: string, field: string])[] = [
    ['no key', `//${vaultHost}`, 'azurekms'],
    ['an empty key', `//${vaultHost}/`, 'azurekms'],
    ['a key with an underscore', `//${vaultHost}/a_b`, 'azurekms.key'],
    ['a version in capitals', `//${vaultHost}/a/${version.toUpperCase()}`, 'azurekms.version'],
    ['something behind the version', `//${vaultHost}/a/${version}/x`, 'azurekms'],
    ['credentials', `//me:pw@${vaultHost}/a`, 'azurekms.vault'],
    ['a version in a query', `//${vaultHost}/a?version=${version}`, 'azurekms'],
    ['a client secret', `//${vaultHost}/a?client-secret=x`, 'azurekms.secret'],
  ];
  for (const [why, body, field] of refusals) {
    it(`${why} is refused`, () => refused(() => parseAzureKeyName(body), field));
  }
});

describe('hashivault references', () => {
  const codec = { parse: (body: string) => parseVaultKeyName(body), format: formatVaultKeyName };
  const cases: readonly (readonly [body: string, expected: VaultKeyName, canonical?: string])[] = [
    ['//issuer', { key: 'issuer' }],
    ['//a.b-c_d', { key: 'a.b-c_d' }],
    ['//issuer?mount=team/transit&version=3', { key: 'issuer', mount: 'team/transit', version: 3 }],
    ['//issuer?context=a%00%C3%A9', { key: 'issuer', context: Uint8Array.of(97, 0, 195, 169) }],
    [
      '//issuer?context=a%2F&version=3',
      { key: 'issuer', version: 3, context: Uint8Array.of(97, 47) },
      '//issuer?version=3&context=a%2F',
    ],
    ['//issuer?version=3&mount=t', { key: 'issuer', mount: 't', version: 3 }, '//issuer?mount=t&version=3'],
  ];
  for (const [body, expected, canonical] of cases) {
    it(`hashivault:${body}`, () => readsAs(codec, body, expected, canonical));
  }

  const refusals: readonly (readonly [why: string, body: string, field: string])[] = [
    ['no key', '//', 'hashivault'],
    ['a key with a slash', '//a/b', 'hashivault'],
    ['a key that ends in a dot', '//a.', 'hashivault'],
    ['a mount that steps out', '//a?mount=../sys', 'hashivault.mount'],
    ['a mount that steps out, encoded', '//a?mount=x%2F..%2Fsys', 'hashivault.mount'],
    ['an absolute mount', '//a?mount=/t', 'hashivault.mount'],
    ['version 0', '//a?version=0', 'hashivault.version'],
    ['a context of nothing', '//a?context=', 'hashivault.context'],
    ['a token', '//a?token=x', 'hashivault'],
    ['a secret id', '//a?secret-id=x', 'hashivault.secret'],
  ];
  for (const [why, body, field] of refusals) {
    it(`${why} is refused`, () => refused(() => parseVaultKeyName(body), field));
  }
  it('of OpenBao name their own scheme when refused', () =>
    refused(() => parseVaultKeyName('//a?mount=..', 'openbao'), 'openbao.mount'));
});
