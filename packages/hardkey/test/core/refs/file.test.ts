import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FileRef, formatFileRef, parseFileRef } from '../../../src/core/refs/file.ts';
import { readsAs, refused } from './refused.ts';

const FILE = { parse: parseFileRef, format: formatFileRef };

describe('file references', () => {
  const cases: readonly (readonly [body: string, expected: FileRef, canonical?: string])[] = [
    ['issuer', { kind: 'label', label: 'issuer' }],
    ['issuer?version=2', { kind: 'label', label: 'issuer', version: 2 }],
    ['key.pem', { kind: 'label', label: 'key.pem' }],
    ['_A-b.9', { kind: 'label', label: '_A-b.9' }],
    ['x'.repeat(64), { kind: 'label', label: 'x'.repeat(64) }],
    ['/etc/key.pem', { kind: 'path', path: '/etc/key.pem' }],
    ['///etc/key.pem', { kind: 'path', path: '/etc/key.pem' }, '/etc/key.pem'],
    ['//localhost/etc/key.pem', { kind: 'path', path: '/etc/key.pem' }, '/etc/key.pem'],
    ['./key.pem', { kind: 'path', path: './key.pem' }],
    ['../keys/key.pem', { kind: 'path', path: '../keys/key.pem' }],
    ['/My%20Keys/50%25%3F.pem', { kind: 'path', path: '/My Keys/50%?.pem' }],
    ['/cl%C3%A9.pem', { kind: 'path', path: '/clé.pem' }],
    ['/clé.pem', { kind: 'path', path: '/clé.pem' }, '/cl%C3%A9.pem'],
    ['////share/key.pem', { kind: 'path', path: '//share/key.pem' }],
  ];
  for (const [body, expected, canonical] of cases) {
    it(`file:${body} is a ${expected.kind}`, () => readsAs(FILE, body, expected, canonical));
  }

  it('a bare relative path is written with its dot', () => {
    assert.equal(formatFileRef({ kind: 'path', path: 'keys/key.pem' }), './keys/key.pem');
  });

  const refusals: readonly (readonly [why: string, body: string, field: string, offset?: number])[] = [
    ['an empty body', '', 'file.label', 0],
    ['a hidden label', '.issuer', 'file.label', 0],
    ['a label like an option', '-issuer', 'file.label', 0],
    ['a long label', 'x'.repeat(65), 'file.label', 0],
    ['a label with a folder', 'keys/issuer', 'file.label', 0],
    ['a label with percent-encoding', 'a%62c', 'file.label', 0],
    ['this folder', '.', 'file.label', 0],
    ['a folder', '/etc/', 'file.path', 0],
    ['a folder by its dots', '/etc/..', 'file.path', 0],
    ['the root', '/', 'file.path', 0],
    ['another host', '//host/etc/key.pem', 'file.path', 0],
    ['a user on this host', '//me@localhost/etc/key.pem', 'file.path', 0],
    ['a path with a version', '/etc/key.pem?version=1', 'file.path', 12],
    ['a path with a fragment', '/etc/key.pem#1', 'file.path', 12],
    ['a path with a NUL', '/etc/key.pem%00', 'file.path', 0],
    ['a path with a line feed', '/etc/key%0A.pem', 'file.path', 0],
    ['a path that is not UTF-8', '///etc/%FF', 'file.path', 2],
    ['a broken percent-encoding', '/etc/%4', 'file.path', 5],
    ['version 0', 'issuer?version=0', 'file.version', 15],
    ['a version in words', 'issuer?version=latest', 'file.version', 15],
    ['an unknown attribute', 'issuer?v=1', 'file', 7],
    ['a passphrase', 'issuer?passphrase=x', 'file.password', 7],
  ];
  for (const [why, body, field, offset] of refusals) {
    it(`${why} is refused`, () =>
      refused(() => parseFileRef(body), field, offset === undefined ? {} : { offset }));
  }

  it('any path survives being written and read', () => {
    const names = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 });
    const paths = fc
      .tuple(fc.constantFrom('/', './', '../', '//'), names)
      .map(([start, parts]) => start + parts.join('/'))
      .filter((path) => !/[\\/]$/.test(path) && !/(^|[\\/])\.\.?$/.test(path) && !/\p{Cc}/u.test(path));
    fc.assert(
      fc.property(paths, (path) => {
        assert.deepEqual(parseFileRef(formatFileRef({ kind: 'path', path })), { kind: 'path', path });
      }),
    );
  });
});
