// Runs the function `run` of a module on a file of JSON, in a Node of the test's choice, and prints what it
// returned: `node run-module.ts with|without MODULE INPUT`, where the first word is about sodium-native.
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What it prints. */
export interface Printed {
  /** How many signatures libsodium verified; absent where it cannot be loaded. */
  readonly sodiumCalls?: number;
  readonly result: unknown;
}

/** As if it were not installed. */
function hideSodium(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'sodium-native') return next(specifier, context);
      throw Object.assign(new Error('sodium-native is not installed'), { code: 'MODULE_NOT_FOUND' });
    },
  });
}

type Verify = (...given: readonly unknown[]) => boolean;

/** Counts the calls of the one function that is used of it. */
function countSodium(): () => number | undefined {
  let calls = 0;
  try {
    const native = createRequire(import.meta.url)('sodium-native') as { crypto_sign_verify_detached: Verify };
    const verify = native.crypto_sign_verify_detached;
    native.crypto_sign_verify_detached = (...given) => {
      calls++;
      return verify(...given);
    };
    return () => calls;
  } catch {
    return () => undefined;
  }
}

const [, , sodium, path = '', input = ''] = process.argv;
if (sodium === 'without') hideSodium();
const calls = countSodium();
const module = (await import(pathToFileURL(path).href)) as { run(input: unknown): unknown };
const result = await module.run(JSON.parse(readFileSync(input, 'utf8')));
process.stdout.write(JSON.stringify({ sodiumCalls: calls(), result }));
