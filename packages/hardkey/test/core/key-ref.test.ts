import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keyRef, parseKeyRef } from '../../src/core/key-ref.ts';
import { isFailure } from '../../src/errors.ts';
import { refused } from './refs/refused.ts';

/** References that are their own canonical form: every scheme, with the forms that the manual promises. */
const REFERENCES = [
  'file:issuer',
  'file:issuer?version=2',
  'file:/path/key.pem',
  'file:./rel.pem',
  'file:../rel.pem',
  'memory:demo',
  'exec:gateway',
  'pkcs11:token=prod;object=issuer',
  'pkcs11:token=T;object=LABEL?module-path=/path/lib.so&pin-source=file:/path/pin',
  'tpm:handle=0x81000100?device=tcp:127.0.0.1:2321',
  'tpm:handle=0x81000100?device=/dev/tpmrm0',
  'tpm:handle=0x81000100?device=unix:/path',
  'tpm:file=key.pem?device=/dev/tpm0',
  'keyring:service=hardkey;account=LABEL',
  'ssh-agent:?socket=/path',
  'ssh-agent:fingerprint=SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDtM1sSvHjkVYxoVuM',
  'awskms:',
  'awskms:///alias/x',
  'awskms:///arn:aws:kms:us-east-2:111122223333:alias/x',
  'gcpkms:',
  'gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K'.replace('/P/', '/p/').replace('/L/', '/l/'),
  'gcpkms://projects/p/locations/l/keyRings/R/cryptoKeys/K/cryptoKeyVersions/1',
  'azurekms:',
  'azurekms://example.vault.azure.net/KEY/78deebed173b48e48f55abf87ed4cf71',
  'hashivault:',
  'hashivault://KEY?mount=transit&version=2',
  'openbao://KEY',
  'kmip:uid=1a2b',
  'hardkey://kms.example/issuer',
  'yubikey:slot-id=9a;serial=123456',
  'x+y.z-1:anything;token=label?at-all',
];

describe('a reference', () => {
  for (const text of REFERENCES) {
    it(`${text} is read, and written as it was`, () => {
      const ref = parseKeyRef(text);
      assert.equal(String(ref), text);
      assert.equal(`${ref.scheme}:${ref.body}`, text);
      assert.equal(String(keyRef(ref.scheme, ref.body)), text);
      assert.ok(Object.isFrozen(ref));
    });
  }

  it('of a known scheme is the same text whatever form it came in', () => {
    assert.equal(
      String(parseKeyRef('pkcs11:object=%61;token=b')),
      String(parseKeyRef('pkcs11:token=b;object=a')),
    );
    assert.equal(String(parseKeyRef('file:///etc/key.pem')), 'file:/etc/key.pem');
  });

  it('may name the place where a secret is kept', () => {
    for (const text of ['x:a?pin-source=/run/pin', 'x:a?password-file=/run/p', 'x:token=T;secret-path=/s']) {
      assert.equal(String(parseKeyRef(text)), text);
    }
  });

  it('may be named like a property of every object', () => {
    assert.equal(String(parseKeyRef('constructor:x')), 'constructor:x');
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [why: string, text: string, field: string, offset?: number])[] = [
    ['an empty text', '', 'ref'],
    ['a bare label', 'issuer', 'ref'],
    ['no scheme', ':issuer', 'ref'],
    ['a scheme in capitals', 'FILE:issuer', 'ref'],
    ['a scheme that starts with a digit', '1file:issuer', 'ref'],
    ['a private key in place of a reference', '-----BEGIN', 'ref'],
    ['an empty body', 'x:', 'ref', 2],
    ['white space', 'x:a b', 'ref', 3],
    ['a line feed at the end', 'file:issuer\n', 'ref', 11],
    ['a NUL', 'file:a\0', 'ref', 6],
    ['a no-break space', 'x:a\u00a0b', 'ref', 3],
    ['a mark that turns the text around', 'file:/a\u202eb', 'ref', 7],
    ['half of a surrogate pair', 'file:/a\ud800', 'ref', 7],
    ['too long a text', `x:${'a'.repeat(5000)}`, 'ref'],
    ['too long a canonical form', `pkcs11:id=${'a'.repeat(2000)}`, 'ref'],
    ['a broken percent-encoding', 'x:a%2', 'ref', 3],
    ['a PIN', 'x:a?pin-value=1', 'ref', 4],
    ['a PIN with its name encoded', 'yubikey:slot-id=9a?%70in-value=1', 'ref', 19],
    ['a management key', 'yubikey:slot-id=9a;management-key=1', 'ref', 19],
    ['a password', 'kmip:host=h&password=x', 'ref', 12],
    ['a passphrase in camel case', 'x:keyPassphrase=x', 'ref', 2],
    ['a client secret', 'x:/a?client_secret=x', 'ref', 5],
    ['an API key', 'hardkey://h/k?api-key=x', 'ref', 14],
    ['a token in a query', 'hardkey://h/k?token=x', 'ref', 14],
    ['a token in a fragment', 'hardkey://h/k?#access_token=x', 'ref', 15],
    ['a token value', 'x:token-value=a', 'ref', 2],
    ['user information', 'hardkey://me:pw@h/k', 'ref'],
    ['user information in an attribute', 'kmip:url=https://me@h/k', 'ref'],
    ['user information in an encoded attribute', 'kmip:url=https%3A%2F%2Fme@h', 'ref'],
    ['a label with a version in memory', 'memory:a?version=1', 'memory'],
    ['a command for a signer', 'exec:/bin/sh', 'exec.label', 5],
    ['a signer with arguments', 'exec:sign%20-x', 'exec.label', 5],
    ['a PIN behind the wrong separator', 'pkcs11:object=a&pin-value=1', 'ref'],
    ['a PIN behind an encoded separator', 'keyring:account=a%26pin%2Dvalue%3D1', 'ref'],
    ['a passphrase behind a path', 'file:/etc/key.pem;passphrase=x', 'ref'],
    ['a repeated attribute', 'pkcs11:token=a;token=b', 'pkcs11.token', 15],
  ];
  for (const [why, text, field, offset] of cases) {
    it(why, () => refused(() => parseKeyRef(text), field, offset === undefined ? {} : { offset }));
  }

  it('parts that would make another reference', () => {
    refused(() => keyRef('file:issuer?', 'x'), 'file', { offset: 12 });
    refused(() => keyRef('pkcs11', 'pin-value=1'), 'pkcs11.pin-value', { offset: 7 });
  });

  it('a place where a secret is kept is no secret', () => {
    assert.equal(parseKeyRef('yubikey:slot-id=9a?management-key-source=/k').scheme, 'yubikey');
    assert.equal(parseKeyRef('x:a?pin-source=/k').scheme, 'x');
  });
});

const CANARY = 'cAnArY';
/** Pieces that make up references, good and bad, with a canary in each place a value may stand. */
const pieces = fc.constantFrom(
  ...[
    'file',
    'pkcs11',
    'awskms',
    'gcpkms',
    'azurekms',
    'hashivault',
    'tpm',
    'keyring',
    'ssh-agent',
    'softkms',
  ],
  ...['cloudkms', 'tpmkms', 'sshagentkms', 'exec', 'memory', 'x', CANARY, `${CANARY}=`, `=${CANARY}`],
  ...[
    ':',
    '//',
    '/',
    ';',
    '?',
    '&',
    '=',
    '@',
    '%',
    '%00',
    '%FF',
    '%2D',
    '|',
    '#',
    '+',
    ' ',
    '\n',
    'é',
    '\ud800',
  ],
  ...[
    'token=',
    'id=',
    'object=',
    'pin-source=',
    'pin-value=',
    'module-path=/',
    'version=',
    'handle=0x81000100',
  ],
  ...[
    'key-id=alias/',
    'region=',
    'name=',
    'vault=',
    'resource=',
    'device=',
    'path=',
    'fingerprint=',
    'service=',
  ],
  ...['alias/', 'projects/', 'localhost:1/', 'user:pw@', 'file:/', 'tcp:', '0a10', '1'],
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  fc
    .tuple(pieces, fc.array(pieces, { maxLength: 8 }))
    .map(([scheme, parts]) => `${scheme}:${parts.join('')}`),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => `${text}${CANARY}`),
);

/** The reference, or the failure: anything else thrown is a defect. */
function attempt(text: string): string | Error {
  try {
    return String(parseKeyRef(text));
  } catch (error) {
    assert.ok(isFailure(error), 'a Failure');
    assert.ok(error.code === 'ARGUMENT_INVALID' || error.code === 'UNSUPPORTED', error.code);
    return error;
  }
}

describe('any text', () => {
  it('is a reference whose canonical form is a fixed point, or a failure that does not quote it', () => {
    const counts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(texts, (text) => {
        const result = attempt(text);
        counts[typeof result === 'string' ? 'read' : 'refused']++;
        if (typeof result === 'string') return assert.equal(attempt(result), result);
        const said = JSON.stringify(result) + result.stack + String(result.cause);
        assert.ok(!said.toLowerCase().includes(CANARY.toLowerCase()));
      }),
      { numRuns: 5000 },
    );
    assert.ok(counts.read > 50 && counts.refused > 50, JSON.stringify(counts));
  });

  it('after a known scheme never carries a PIN through', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REFERENCES), fc.constantFrom(';', '&', '?'), (text, separator) => {
        assert.ok(attempt(`${text}${separator}pin-value=1234`) instanceof Error);
      }),
    );
  });
});
