// Identities as fast-check makes them: everything that a profile can hold.
import fc from 'fast-check';
import { biometricFormat, type Identity, imageSubFormat, templateSubFormat } from 'hardkey/formats/claim169';
import { fields } from '../../../src/formats/claim169/fields.ts';

/** Text in several scripts, and the characters that break things. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 24 }),
  fc.constantFrom('जनार्दन', 'عبد الله', '王小明', 'a\nb', 'ά\u0301', '\u0000', ' ', '"\\'),
);
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10).replaceAll('-', ''))
  .filter((digits) => /^\d{8}$/.test(digits));
const bytes = fc.uint8Array({ minLength: 0, maxLength: 40 });

const sample = fc
  .record({
    data: bytes,
    issuer: fc.option(text, { nil: undefined }),
    kind: fc.oneof(
      fc.constant({}),
      fc.constantFrom(...Object.values(biometricFormat)).map((format) => ({ format })),
      fc
        .constantFrom(...Object.values(imageSubFormat), 100, 200)
        .map((subFormat) => ({ format: 0, subFormat })),
      fc
        .constantFrom(...Object.values(templateSubFormat), 150)
        .map((subFormat) => ({ format: 1, subFormat })),
    ),
  })
  .map(({ data, issuer, kind }) => ({ data, ...kind, ...(issuer !== undefined && { issuer }) }));

const VALUES = {
  text,
  date,
  language: fc.stringMatching(/^[a-z]{3}$/),
  country: fc.stringMatching(/^[A-Z]{2,3}$/),
  email: fc.constantFrom('a@b.example', 'ädä@example.org', '"x.y"@example.org'),
  phone: fc.constantFrom('+919876543210', '(0609) 123 4567', '+22 607 123 4567 ext. 12'),
  integer: fc.integer({ min: 1, max: 3 }),
  bytes,
  fingers: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 10 }),
  biometrics: fc.array(sample, { minLength: 1, maxLength: 2 }),
} as const;

/** Any of the fields, and mostly few of them. */
export const identities: fc.Arbitrary<Identity> = fc
  .record(Object.fromEntries(fields.map(({ name, type }) => [name, VALUES[type]])), {
    requiredKeys: [],
    noNullPrototype: true,
  })
  .map((identity) => identity as Identity);
