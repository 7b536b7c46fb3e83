// The contract holds for a provider without defects, and each case fails for its own defect and no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ContractCase, providerContract } from 'hardkey/conformance';
import { type Defect, defects, leaks } from './conformance/defects.ts';
import { modelSubject } from './conformance/model.ts';

/** The cases that do not hold, with what each of them says. */
async function failures(
  cases: readonly ContractCase[],
  defect?: Defect,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name, run } of cases) {
    try {
      await run(await modelSubject(defect));
    } catch (error) {
      found.set(name, String(error));
    } finally {
      for (const leak of leaks.splice(0)) clearInterval(leak);
    }
  }
  return found;
}

/** The runner fails a test for every unhandled rejection; here one of them is what a case must find. */
async function withoutRunner<T>(act: () => Promise<T>): Promise<T> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  try {
    return await act();
  } finally {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}

test('every case holds for a provider without defects, and none of them is skipped', async () => {
  for (const { name, run } of providerContract) {
    assert.equal(await run(await modelSubject()), undefined, `${name} has something to examine`);
  }
});

test('every case has at least one defect that breaks it', () => {
  assert.deepEqual(
    providerContract.map(({ name }) => name).filter((name) => !defects.some(({ breaks }) => breaks === name)),
    [],
  );
});

for (const { breaks, because, defect } of defects) {
  test(`a provider that ${because} fails that case alone`, async () => {
    const found = await withoutRunner(() => failures(providerContract, defect));
    assert.deepEqual([...found.keys()], [breaks], JSON.stringify([...found], undefined, 1));
  });
}

test('the cases say where they stand among the clauses, and no two have one name', () => {
  const clauses = providerContract.map(({ clause }) => clause);
  assert.deepEqual([...new Set(clauses)], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.equal(new Set(providerContract.map(({ name }) => name)).size, providerContract.length);
});

test('a subject that names a longest message is held to it', async () => {
  const sizes = providerContract.find(({ clause }) => clause === 6);
  const model = await modelSubject();
  await assert.rejects(async () => sizes?.run({ ...model, longestMessage: 4096 }), /expected a failure/);
  await assert.rejects(async () => sizes?.run({ ...model, shortestMessage: 1 }), /expected a failure/);
  await sizes?.run({ ...(await modelSubject()), shortestMessage: 0, longestMessage: 1_048_576 });
});
