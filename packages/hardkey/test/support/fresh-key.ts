// Keys that end with the test.
import type { TestContext } from 'node:test';
import { type Algorithm, type Algorithms, createKeys, type KeySpec } from 'hardkey';
import { memory } from 'hardkey/providers/memory';

/** A fresh key bound to its algorithm. */
export async function freshKey<A extends Algorithm>(
  t: TestContext,
  algorithm: A,
  spec: Partial<KeySpec> = {},
): Promise<Algorithms[A]> {
  const keys = createKeys([memory()]);
  t.after(() => keys.close());
  return (await keys.create('memory:reader', { ...spec, algorithm })).use(algorithm);
}
