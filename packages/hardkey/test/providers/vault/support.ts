// A provider over a server, with a proxy between them where a test looks at what goes through.
import type { TestContext } from 'node:test';
import { type VaultConfig, type VerifyingProvider, vault } from 'hardkey/providers/vault';
import { Secret, type SecretSource } from 'hardkey/secrets';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { type FaultProxy, faultProxy } from '../../support/fault-proxy.ts';
import type { Bao } from '../../support/openbao.ts';

/** Gives text as a secret, each time anew. */
export function secret(text: string): SecretSource {
  return async () => new Secret(utf8(text));
}

/** A provider that ends with the test. */
export function providerFor(t: TestContext, bao: Bao, more: Partial<VaultConfig> = {}): VerifyingProvider {
  const credentials = (more.appRole ?? more.wrappedToken) ? {} : { token: secret(bao.root) };
  const provider = vault({ address: bao.address, ...credentials, ...more });
  t.after(() => provider.close());
  return provider;
}

/** The same with a proxy in between. */
export async function watched(
  t: TestContext,
  bao: Bao,
  more: Partial<VaultConfig> = {},
): Promise<{ readonly provider: VerifyingProvider; readonly proxy: FaultProxy }> {
  const proxy = await faultProxy(t, bao.address);
  return { provider: providerFor(t, bao, { address: proxy.address, ...more }), proxy };
}

/** A token with a policy of its own. */
export async function tokenWith(
  bao: Bao,
  name: string,
  policy: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  await bao.admin('POST', `sys/policies/acl/${name}`, { policy });
  const { auth } = await bao.admin('POST', 'auth/token/create', { policies: [name], ...more });
  return auth.client_token;
}
