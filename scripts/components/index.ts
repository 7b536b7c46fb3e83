// What a test asks before it uses a program from outside:
//
//   const openssl = component('openssl');
//   test('OpenSSL opens the file', { skip: openssl.missing ?? false }, () => { … openssl.path … });
import { COMPONENTS, type ComponentName } from './table.ts';

/** A component that is installed, or the reason to skip what needs it. */
export type Found =
  | { readonly path: string; readonly missing?: never }
  | { readonly path: ''; readonly missing: string };

/** Finds a component. With HARDKEY_REQUIRE_COMPONENTS=1 a missing one throws, so that nothing is skipped. */
export function component(name: ComponentName): Found {
  const path = COMPONENTS[name].find();
  return path === undefined
    ? absent(`${name} is not installed (${COMPONENTS[name].pin}): npm run components`)
    : { path };
}

/** The answer for something that is not there. */
export function absent(reason: string): { readonly path: ''; readonly missing: string } {
  if (process.env['HARDKEY_REQUIRE_COMPONENTS'] === '1') throw new Error(reason);
  return { path: '', missing: reason };
}
