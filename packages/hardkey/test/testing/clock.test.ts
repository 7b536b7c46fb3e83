import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from 'hardkey/testing';
import { failsWith } from '../support/failures.ts';

test('a fixed clock stands still until it is moved', () => {
  for (const time of ['2026-01-01T00:00:00Z', 1_767_225_600, new Date('2026-01-01T00:00:00Z')]) {
    const clock = fixedClock(time);
    assert.deepEqual(clock.now(), new Date('2026-01-01T00:00:00Z'));
    clock.now().setFullYear(1999);
    assert.equal(clock.unixSeconds(), 1_767_225_600);
    clock.advance(1999);
    assert.deepEqual(
      [clock.now().toISOString(), clock.unixSeconds()],
      ['2026-01-01T00:00:01.999Z', 1_767_225_601],
    );
    clock.advance(-1999);
    assert.equal(clock.unixSeconds(), 1_767_225_600);
  }
});

test('what is no time is ARGUMENT_INVALID', () => {
  assert.throws(() => fixedClock('tomorrow'), failsWith('ARGUMENT_INVALID', { field: 'time' }));
  assert.throws(() => fixedClock(Number.NaN), failsWith('ARGUMENT_INVALID', { field: 'time' }));
  assert.throws(() => fixedClock(0).advance(Number.POSITIVE_INFINITY), failsWith('ARGUMENT_INVALID'));
});
