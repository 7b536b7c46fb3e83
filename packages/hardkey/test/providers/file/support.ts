import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createKeys, type Keys } from 'hardkey';
import { file } from 'hardkey/providers/file';
import { secretBytes } from 'hardkey/secrets';

/** A folder that ends with the test. */
export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hardkey-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'keys');
}

/** A source of a passphrase. */
export function passphrase(text: string) {
  return secretBytes(new TextEncoder().encode(text));
}

/** The keys of a store without a passphrase: no time is spent on deriving. */
export function openKeys(store: string): Keys {
  return createKeys([file({ store, unencrypted: true })]);
}

/** The keys of a store with a passphrase. */
export function lockedKeys(store: string, text: string): Keys {
  return createKeys([file({ store, passphrase: passphrase(text) })]);
}
