// Every function of the formats, called as no compiler would let it: whatever is thrown is a failure of ours.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { isFailure } from 'hardkey';
import { rightArguments } from './right-arguments.ts';

type Callable = (...values: readonly unknown[]) => unknown;

const { exports: paths } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly exports: Readonly<Record<string, unknown>> };

const WRONG: readonly unknown[] = [
  ...[undefined, null, true, -1, 0, 7.5, Number.NaN, 5n, '', 'text', Symbol('none')],
  ...[{}, [], [null], [{}], new Uint8Array(), Uint8Array.of(0xa0), new Map(), new Date(Number.NaN)],
  ...[() => undefined, () => null, Object.create(null) as object],
];

/** Refused with the right arguments, too: no TPM has given evidence for this test. */
const REFUSED: readonly string[] = ['verifyAttestation', 'verifyQuote'];

/** The functions that the entry points of the formats export, by name. */
async function exportedFunctions(): Promise<ReadonlyMap<string, Callable>> {
  const found = new Map<string, Callable>();
  for (const path of Object.keys(paths).filter((one) => one.startsWith('./formats/'))) {
    const exported = (await import(`hardkey${path.slice(1)}`)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value === 'function') found.set(name, value as Callable);
    }
  }
  return found;
}

/** Calls a function, and waits for all that it promises. */
async function settled(of: Callable, values: readonly unknown[]): Promise<unknown> {
  const result = of(...values);
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result;
  for await (const _one of result as AsyncIterable<unknown>);
  return result;
}

/** The right arguments with one of them wrong: itself, one of its fields, or a field of its first item. */
function* madeWrong(
  right: readonly unknown[],
): Iterable<readonly [place: string, values: readonly unknown[]]> {
  for (const wrong of WRONG) {
    for (const [index, value] of right.entries()) {
      const at = (changed: unknown) => right.with(index, changed);
      yield [`${index}`, at(wrong)];
      const item: unknown = Array.isArray(value) ? value[0] : undefined;
      if (item !== undefined) yield [`${index}.0`, at([wrong])];
      for (const name of fieldsOf(value))
        yield [`${index}.${name}`, at({ ...(value as object), [name]: wrong })];
      for (const name of fieldsOf(item)) {
        yield [`${index}.0.${name}`, at([{ ...(item as object), [name]: wrong }])];
      }
    }
  }
}

/** Keys and what else the library made are whole, which is why they are frozen: only options have wrong fields. */
function fieldsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return [];
  return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value) : [];
}

/** The functions to be called, with the right arguments of each: also the methods of what they return. */
async function callables(t: TestContext) {
  const [exported, right] = [await exportedFunctions(), await rightArguments(t)];
  assert.deepEqual(
    [...exported.keys()].filter((name) => right[name] === undefined),
    [],
    'without a row',
  );
  return Promise.all(
    Object.entries(right).map(async ([name, values]) => {
      const [, of = '', method] = /^([^.(]+)(?:\.(.+)|\(\))?$/.exec(name) ?? [];
      const whole = exported.get(of) ?? assert.fail(`${of} is not exported`);
      if (of === name) return { name, of: whole, values };
      const made = (await whole(...(right[of] ?? []))) as Callable & Readonly<Record<string, Callable>>;
      const called = method === undefined ? made : made[method];
      return { name, of: called ?? assert.fail(`there is no ${name}`), values };
    }),
  );
}

test('whatever a function of a format is given, what it throws is a failure of ours', async (t) => {
  const wrong: string[] = [];
  for (const { name, of, values } of await callables(t)) {
    if (!REFUSED.includes(name)) await settled(of, values);
    const all = [
      ...madeWrong(values),
      ...values.map((_, length) => ['fewer', values.slice(0, length)] as const),
    ];
    for (const [place, given] of [...all, ...WRONG.map((one) => ['alone', [one, one, one]] as const)]) {
      try {
        await settled(of, given);
      } catch (error) {
        if (!isFailure(error)) wrong.push(`${name} ${place}: ${String(error)}`);
      }
    }
  }
  assert.deepEqual([...new Set(wrong)], []);
});
