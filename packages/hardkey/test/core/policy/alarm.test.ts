import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlarm } from '../../../src/core/policy/alarm.ts';
import { stopTime } from '../../support/stopped-time.ts';

/** An alarm, what has rung, and a way to set it from now. */
function ringing() {
  const alarm = createAlarm();
  const rung: string[] = [];
  const set = (ms: number, name: string): (() => void) =>
    alarm(performance.now() + ms, () => void rung.push(name));
  return { alarm, rung, set };
}

test('each rings at its own time, whatever order they were set in', (t) => {
  const time = stopTime(t);
  const { rung, set } = ringing();
  set(30, 'c');
  set(10, 'a');
  set(20, 'b');
  set(30, 'd');
  for (const [ms, expected] of [
    [9, ''],
    [1, 'a'],
    [9, 'a'],
    [1, 'ab'],
    [10, 'abcd'],
    [100, 'abcd'],
  ] as const) {
    time.pass(ms);
    assert.equal(rung.join(''), expected);
  }
});

test('what was called off does not ring, and the others do in time', (t) => {
  const time = stopTime(t);
  const { rung, set } = ringing();
  const calm = set(10, 'a');
  time.pass(5);
  set(10, 'b');
  calm();
  calm();
  time.pass(9);
  assert.deepEqual(rung, []);
  time.pass(1);
  assert.deepEqual(rung, ['b']);
});

test('an alarm that has been silent for a while still rings', (t) => {
  const time = stopTime(t);
  const { rung, set } = ringing();
  set(10, 'a')();
  time.pass(1000);
  set(10, 'b');
  time.pass(10);
  assert.deepEqual(rung, ['b']);
});

test('what rings may set the alarm again and call others off', (t) => {
  const time = stopTime(t);
  const { alarm, rung, set } = ringing();
  const calm = set(20, 'called off');
  alarm(performance.now() + 10, () => {
    calm();
    set(5, 'again');
  });
  time.pass(10);
  time.pass(5);
  time.pass(100);
  assert.deepEqual(rung, ['again']);
});

test('a process stays alive for what is still to ring, and for nothing else', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const { set } = ringing();
  const first = set(60_000, 'a');
  assert.equal(timers(), before + 1);
  const second = set(70_000, 'b');
  first();
  assert.equal(timers(), before + 1);
  second();
  assert.equal(timers(), before);
  const third = set(80_000, 'c');
  assert.equal(timers(), before + 1);
  third();
  assert.equal(timers(), before);
});
