import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatKeyringRef } from '../../../src/core/refs/keyring.ts';
import { formatPkcs11Uri, type Pkcs11Uri, parsePkcs11Uri } from '../../../src/core/refs/pkcs11.ts';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { decodeHex } from '../../../src/encoding/hex.ts';
import { readsAs, refused } from './refused.ts';

const PKCS11 = { parse: parsePkcs11Uri, format: formatPkcs11Uri };

describe('the examples of RFC 7512 §3', () => {
  const examples: readonly (readonly [body: string, expected: Pkcs11Uri])[] = [
    ['', {}],
    ['object=my-pubkey;type=public', { object: 'my-pubkey', type: 'public' }],
    [
      'object=my-key;type=private?pin-source=file:/etc/token',
      { object: 'my-key', type: 'private', pinSource: '/etc/token' },
    ],
    [
      'token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;' +
        'object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin',
      {
        token: 'The Software PKCS#11 Softtoken',
        manufacturer: 'Snake Oil, Inc.',
        serial: '',
        model: '1.0',
        object: 'my-certificate',
        type: 'cert',
        id: decodeHex('69953e5cf4bdec91'),
        pinSource: '/etc/token_pin',
      },
    ],
    [
      'object=my-sign-key;type=private?module-name=mypkcs11',
      { object: 'my-sign-key', type: 'private', moduleName: 'mypkcs11' },
    ],
    [
      'object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1',
      { object: 'my-sign-key', type: 'private', modulePath: '/mnt/libmypkcs11.so.1' },
    ],
    ['slot-description=Sun%20Metaslot', { slotDescription: 'Sun Metaslot' }],
    [
      'library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23',
      {
        libraryManufacturer: 'Snake Oil, Inc.',
        libraryVersion: { major: 1, minor: 23 },
        libraryDescription: 'Soft Token Library',
      },
    ],
    [
      'token=My%20token%25%20created%20by%20Joe;library-version=3;id=%01%02%03%Ba%dd%Ca%fe%04%05%06',
      {
        token: 'My token% created by Joe',
        libraryVersion: { major: 3, minor: 0 },
        id: decodeHex('010203baddcafe040506'),
      },
    ],
    [
      'token=A%20name%20with%20a%20substring%20%25%3B;object=my-certificate;type=cert',
      { token: 'A name with a substring %;', object: 'my-certificate', type: 'cert' },
    ],
    [
      'token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;object=my-certificate;type=cert',
      { token: 'Name with a small A with acute: á', object: 'my-certificate', type: 'cert' },
    ],
  ];
  for (const [body, expected] of examples) {
    it(`pkcs11:${body}`, () => {
      assert.deepEqual(parsePkcs11Uri(body), expected);
      assert.deepEqual(parsePkcs11Uri(formatPkcs11Uri(expected)), expected);
    });
  }

  it('the one with a PIN is refused', () => {
    const body = 'token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-value=the-pin';
    refused(() => parsePkcs11Uri(body), 'pkcs11.pin-value', { offset: body.indexOf('pin-value') });
  });

  it('the one with vendor attributes is refused, since §2.3 lets nobody ignore them', () => {
    const body =
      'token=my-token;object=my-certificate;type=cert;vendor-aaa=value-a?pin-source=file:/etc/token_pin&vendor-bbb=value-b';
    refused(() => parsePkcs11Uri(body), 'pkcs11', { offset: body.indexOf('vendor-aaa') });
  });
});

describe('the canonical form', () => {
  it('has the attributes in one order and no needless encoding', () => {
    readsAs(
      PKCS11,
      'id=a%01;object=%6Ba%2fb;token=T?pin-source=/run/pin&max-sessions=1&module-path=/usr/lib/p%2e so'.replace(
        ' ',
        '',
      ),
      {
        token: 'T',
        object: 'ka/b',
        id: Uint8Array.of(0x61, 1),
        modulePath: '/usr/lib/p.so',
        maxSessions: 1,
        pinSource: '/run/pin',
      },
      'token=T;object=ka%2Fb;id=%61%01?module-path=/usr/lib/p.so&max-sessions=1&pin-source=file:/run/pin',
    );
  });

  it('keeps a file name with a percent sign through both layers of encoding', () => {
    readsAs(PKCS11, '?pin-source=file:/run/a%2525b', { pinSource: '/run/a%b' });
  });

  it('names an entry of a keyring through both layers of encoding', () => {
    const pinSource = 'keyring:service=my%20PINs;account=prod';
    const canonical = 'token=T?pin-source=keyring:service=my%2520PINs%3Baccount=prod';
    readsAs(PKCS11, canonical, { token: 'T', pinSource });
  });

  it('keeps a path that would read as a host', () => {
    readsAs(PKCS11, '?pin-source=file:////run/pin', { pinSource: '//run/pin' });
  });
});

describe('the dialects', () => {
  it('an entry of a keyring may be written as it is everywhere else', () => {
    const pinSource = 'keyring:service=my%20PINs;account=prod?store=secret-service';
    const entry = 'keyring:service=my%2520PINs%3Baccount=prod?store=secret-service';
    for (const query of [
      `module-path=/m.so&pin-source=${pinSource}&max-sessions=1`,
      `module-path=/m.so;pin-source=keyring:account=prod;service=my%20PINs?store=secret-service;max-sessions=1`,
    ]) {
      readsAs(
        PKCS11,
        `?${query}`,
        { modulePath: '/m.so', maxSessions: 1, pinSource },
        `?module-path=/m.so&max-sessions=1&pin-source=${entry}`,
      );
    }
  });

  it('cosign may separate the query by semicolons', () => {
    readsAs(
      PKCS11,
      'slot-id=0;object=k?module-path=/m.so;pin-source=/pin',
      { object: 'k', slotId: 0, modulePath: '/m.so', pinSource: '/pin' },
      'object=k;slot-id=0?module-path=/m.so&pin-source=file:/pin',
    );
  });

  it('smallstep, told by the module in the path, writes ids in hexadecimal and spaces as plus', () => {
    readsAs(
      PKCS11,
      'module-path=/usr/lib/m.so;token=my+token;id=0a10;object=O;max-sessions=9?pin-source=/pin.txt',
      {
        token: 'my token',
        object: 'O',
        id: Uint8Array.of(10, 16),
        modulePath: '/usr/lib/m.so',
        maxSessions: 9,
        pinSource: '/pin.txt',
      },
      'token=my%20token;object=O;id=%0A%10?module-path=/usr/lib/m.so&max-sessions=9&pin-source=file:/pin.txt',
    );
  });

  it('smallstep may percent-encode an id, unless both readings are possible', () => {
    assert.deepEqual(parsePkcs11Uri('max-sessions=2;id=%0a%10').id, Uint8Array.of(10, 16));
    refused(() => parsePkcs11Uri('max-sessions=2;id=%30%61'), 'pkcs11.id');
    refused(() => parsePkcs11Uri('max-sessions=2;id=xyz'), 'pkcs11.id', { offset: 18 });
  });

  it('elsewhere an id that looks hexadecimal is the bytes it is written in, and plus is plus', () => {
    assert.deepEqual(parsePkcs11Uri('id=0a10?module-path=/m.so').id, utf8('0a10'));
    assert.equal(parsePkcs11Uri('token=a+b').token, 'a+b');
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [why: string, body: string, field: string, offset?: number])[] = [
    ['a repeated attribute', 'token=a;object=b;token=a', 'pkcs11.token', 17],
    ['a repeated attribute of the query', '?module-path=/a&module-path=/a', 'pkcs11.module-path', 16],
    ['one in path and query', 'module-path=/a?module-path=/a', 'pkcs11.module-path', 15],
    ['an unknown attribute', 'token=a;label=b', 'pkcs11', 8],
    ['a path attribute in the query', '?token=a', 'pkcs11', 1],
    ['a query attribute in the path', 'pin-source=/a', 'pkcs11', 0],
    ['an attribute in capitals', 'TOKEN=a', 'pkcs11', 0],
    ['an attribute with its name encoded', 'tok%65n=a', 'pkcs11', 0],
    ['a PIN', 'object=a;pin-value=1234', 'pkcs11.pin-value', 9],
    ['a PIN with its name encoded', '?pin%2Dvalue=1234', 'pkcs11.pin-value', 1],
    ['a PIN with its name in capitals', '?PIN-VALUE=1234', 'pkcs11.pin-value', 1],
    ['a password', '?password=1234', 'pkcs11.password', 1],
    ['a command for a PIN', '?pin-source=|cat%20/pin', 'pkcs11.pin-source', 12],
    ['a command with its sign encoded', '?pin-source=%7Ccat%20/pin', 'pkcs11.pin-source', 12],
    ['a command in a file URI', '?pin-source=file:%7Ccat', 'pkcs11.pin-source'],
    ['a relative pin-source', '?pin-source=pin', 'pkcs11.pin-source'],
    ['a relative pin-source in a file URI', '?pin-source=file:./pin', 'pkcs11.pin-source'],
    ['a pin-source of another scheme', '?pin-source=https://example.com/pin', 'pkcs11.pin-source'],
    ['a pin-source on another host', '?pin-source=file://host/pin', 'pkcs11.pin-source'],
    ['a keyring without an account', '?pin-source=keyring:service=S', 'pkcs11.pin-source'],
    ['a keyring without a service', '?pin-source=keyring:account=A', 'pkcs11.pin-source'],
    ['a keyring entry with a secret', '?pin-source=keyring:service=S;pin-value=1', 'pkcs11.pin-value', 30],
    ['a keyring entry with a secret in it', '?pin-source=keyring:service=S%3Bpin=1', 'pkcs11.pin-source'],
    ['an entry of no keyring', '?module-path=/m.so;account=A', 'pkcs11', 19],
    ['an entry behind a file', '?pin-source=file:/p;account=A', 'pkcs11', 20],
    ['an account after another attribute', '?pin-source=keyring:service=S&account=A', 'pkcs11', 30],
    ['an empty pin-source', '?pin-source=', 'pkcs11.pin-source'],
    ['a relative module path', '?module-path=m.so', 'pkcs11.module-path', 13],
    ['a module path with a NUL', '?module-path=/m.so%00.txt', 'pkcs11.module-path', 13],
    ['a module name with a folder', '?module-name=../m', 'pkcs11.module-name', 13],
    ['a module by name and by path', '?module-name=m&module-path=/m.so', 'pkcs11.module-name'],
    ['a broken percent-encoding', 'token=a%2', 'pkcs11.token', 7],
    ['text that is not UTF-8', 'token=%FF', 'pkcs11.token', 6],
    ['a UTF-16 surrogate in UTF-8', 'object=%ED%A0%80', 'pkcs11.object', 7],
    ['an unknown type', 'type=Public', 'pkcs11.type', 5],
    ['a slot with a sign', 'slot-id=-1', 'pkcs11.slot-id', 8],
    ['a slot with a leading zero', 'slot-id=01', 'pkcs11.slot-id', 8],
    ['a slot that a number cannot hold', 'slot-id=9007199254740993', 'pkcs11.slot-id', 8],
    ['a version of three parts', 'library-version=1.2.3', 'pkcs11.library-version', 16],
    ['a version beyond a byte', 'library-version=1.256', 'pkcs11.library-version', 16],
    ['no session at all', '?max-sessions=0', 'pkcs11.max-sessions', 14],
    ['an attribute without a value', 'token', 'pkcs11.token', 0],
    ['an empty attribute', 'token=a;;object=b', 'pkcs11', 8],
    ['a semicolon at the end', 'token=a;', 'pkcs11', 8],
    ['a number sign', 'token=a#b', 'pkcs11.token', 7],
    ['a letter outside ASCII', 'token=é', 'pkcs11.token', 6],
    ['a bar in the path', 'token=a|b', 'pkcs11.token', 7],
  ];
  for (const [why, body, field, offset] of cases) {
    it(why, () => refused(() => parsePkcs11Uri(body), field, offset === undefined ? {} : { offset }));
  }
});

const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const path = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);
const absolutePath = path.filter(
  (p) => !/\p{Cc}/u.test(p) && !/[\\/]$/.test(p) && !/(^|[\\/])\.\.?$/.test(p),
);
const name = text(8).filter((one) => /^[^\p{Cc}]+$/u.test(one));
const entry = fc
  .record({ service: name, account: name })
  .map((names) => `keyring:${formatKeyringRef(names)}`);
const uris: fc.Arbitrary<Pkcs11Uri> = fc.record(
  {
    token: text(8),
    serial: text(4),
    object: text(40),
    type: fc.constantFrom('public', 'private', 'cert', 'secret-key', 'data'),
    id: fc.uint8Array({ maxLength: 40 }),
    libraryVersion: fc.record({ major: fc.nat(255), minor: fc.nat(255) }, { noNullPrototype: true }),
    slotDescription: text(8),
    slotId: fc.maxSafeNat(),
    modulePath: absolutePath,
    maxSessions: fc.integer({ min: 1, max: 65_535 }),
    pinSource: fc.oneof(absolutePath, entry),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe('any URI', () => {
  it('survives being written and read, ids and labels byte for byte', () => {
    fc.assert(fc.property(uris, (uri) => assert.deepEqual(parsePkcs11Uri(formatPkcs11Uri(uri)), uri)));
  });

  it('is written in the characters of RFC 7512 alone', () => {
    const allowed = /^[A-Za-z0-9._~:[\]@!$'()*+,=&;%-]*(\?[A-Za-z0-9._~:[\]@!$'()*+,=/?|&%-]*)?$/;
    fc.assert(fc.property(uris, (uri) => assert.match(formatPkcs11Uri(uri), allowed)));
  });
});
