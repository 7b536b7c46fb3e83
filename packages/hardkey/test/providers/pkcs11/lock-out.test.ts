// A token that really locks: what hardkey does with a wrong PIN costs one of the three tries there are.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parseKeyRef, Secret } from 'hardkey';
import { component } from '../../../../../scripts/components/index.ts';
import { failsWith } from '../../support/failures.ts';
import { missingForTokens, type TestToken, tpmToken } from './support.ts';

const skip = missingForTokens('tpm2-pkcs11', 'swtpm', 'tpm2-abrmd', 'pkcs11-tool') ?? false;

const wrong = async (): Promise<Secret> => new Secret(Buffer.from('0000'));

/** Tries a PIN with OpenSC, which has no scruples. */
function logsIn({ config, label }: TestToken, pin: string): boolean {
  const { path = '', env } = config.modules?.['m'] ?? {};
  const args = ['--module', path, '--token-label', label, '--login', '--pin', pin, '--list-objects'];
  try {
    execFileSync(component('pkcs11-tool').path, args, { env: { ...env }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a wrong PIN is tried once, however often it is given, and the token does not lock', {
  skip,
}, async (t) => {
  const token = await tpmToken(t);
  const ref = parseKeyRef(token.ref('issuer'));
  await token.provider().create?.(ref, { algorithm: 'ES256' });
  const provider = token.provider({ pin: wrong });
  for (let attempt = 0; attempt < 10; attempt++) {
    await assert.rejects(provider.open(ref), failsWith('DENIED', { field: 'pkcs11.pin-source' }));
  }
  const key = await token.provider().open(ref);
  await key.use('ES256').sign(Buffer.from('it is not locked'));
});

test('a token that others have locked is DENIED also with the right PIN', { skip }, async (t) => {
  const token = await tpmToken(t);
  for (let attempt = 0; attempt < 5; attempt++) assert.equal(logsIn(token, '0000'), false);
  assert.equal(logsIn(token, token.pin), false, 'five wrong PINs lock it');
  const provider = token.provider();
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(provider.open(parseKeyRef(token.ref('issuer'))), failsWith('DENIED'));
  }
});
