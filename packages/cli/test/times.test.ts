import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from 'hardkey';
import { parseDuration, parseTime } from '../src/times.ts';

const refused = (act: () => unknown) =>
  assert.throws(act, (error) => isFailure(error, 'ARGUMENT_INVALID') && error.details.field === 'x');

for (const [text, seconds] of [
  ['90s', 90],
  ['15m', 900],
  ['12h', 43_200],
  ['30d', 2_592_000],
  ['1y', 31_536_000],
  ['200y', 6_307_200_000],
] as const)
  test(`${text} is ${seconds} seconds`, () => assert.equal(parseDuration(text, 'x'), seconds));

for (const text of [
  '',
  '1',
  '1M',
  '1w',
  '-1d',
  '0d',
  '1.5d',
  '1y6m',
  ' 1d',
  '1d\n',
  '201y',
  '99999999999s',
  '1e3s',
])
  test(`${JSON.stringify(text)} is no length of time`, () => refused(() => parseDuration(text, 'x')));

for (const [text, iso] of [
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T12:00:00.5+05:30', '2026-01-31T06:30:00.500Z'],
  ['2028-02-29T23:59:59-01:00', '2028-03-01T00:59:59.000Z'],
] as const)
  test(`${text} is ${iso}`, () => assert.equal(parseTime(text, 'x').toISOString(), iso));

for (const text of [
  '',
  '0',
  'now',
  '2026-01-31',
  '2026-01-31T12:00Z',
  '2026-01-31T12:00:00',
  '2026-01-31 12:00:00Z',
  '2026-02-29T12:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-31T12:00:00+24:00',
  '2026-01-31T12:00:00Z ',
])
  test(`${JSON.stringify(text)} is no time`, () => refused(() => parseTime(text, 'x')));
