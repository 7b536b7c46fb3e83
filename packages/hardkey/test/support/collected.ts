// Array.fromAsync, which the types of ES2024 do not have.

/** Everything that comes, in a list. */
export async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
