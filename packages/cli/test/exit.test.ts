import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure, failureCodes, failureRow } from 'hardkey';
import { endingOf } from '../src/exit.ts';

for (const code of failureCodes)
  test(`${code} ends with the status of its row`, () => {
    const failure = new Failure(code, 'what happened', { field: 'a', offset: 0 });
    assert.deepEqual(endingOf(failure, false), {
      status: failureRow(code).exit,
      text: `hardkey: what happened (${code} field=a offset=0)`,
    });
    const { error } = JSON.parse(endingOf(failure, true).text);
    assert.deepEqual(error, { code, message: 'what happened', details: { field: 'a', offset: 0 } });
  });

test('the cause of a failure is not shown', () => {
  const failure = new Failure('DENIED', 'no', {}, new Error('hunter2'));
  for (const json of [true, false]) assert.doesNotMatch(endingOf(failure, json).text, /hunter2/);
});

test('a defect is 70, one line, with its place and without its message', () => {
  for (const error of [new TypeError('hunter2\nand more'), 'hunter2', undefined, { message: 'hunter2' }]) {
    const { status, text } = endingOf(error, false);
    assert.equal(status, 70);
    assert.match(text, /^hardkey: a defect of hardkey: [^\n]+ \(DEFECT\)$/);
    assert.doesNotMatch(text, /hunter2/);
  }
  assert.match(endingOf(new TypeError('x'), false).text, /: TypeError at exit\.test\.ts:\d+ \(DEFECT\)$/);
  assert.equal(JSON.parse(endingOf(new TypeError('x'), true).text).error.code, 'DEFECT');
});

test('what could move a cursor or start a line is shown as what it is', () => {
  const failure = new Failure('DENIED', 'no', { path: 'a\n\u001b[2J\u2028\u202e b' });
  const { text } = endingOf(failure, false);
  assert.match(text, /^hardkey: no \(DENIED path="[\x20-\x7e]+"\)$/);
});
