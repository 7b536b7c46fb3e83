import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys, verify } from 'hardkey';
import { vault } from 'hardkey/providers/vault';
import { utf8 } from '../../../src/encoding/bytes.ts';
import { failsWith } from '../../support/failures.ts';
import { missingBao } from '../../support/openbao.ts';
import { startBaoOnDisk } from '../../support/openbao-on-disk.ts';
import { secret } from './support.ts';

const MESSAGE = utf8('m');

test('a server that is ended and started is UNAVAILABLE, sealed until it is unsealed, and signs by the same key', {
  skip: missingBao() ?? false,
}, async (t) => {
  const bao = await startBaoOnDisk(t);
  const keys = createKeys([vault({ address: bao.address, token: secret(bao.root) })], {
    retry: { attempts: 0 },
  });
  t.after(() => keys.close());
  const signer = (await keys.open('hashivault://issuer')).use('Ed25519');
  await signer.sign(MESSAGE);
  await bao.stop();
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE'));
  await bao.start();
  await assert.rejects(signer.sign(MESSAGE), failsWith('UNAVAILABLE', { field: 'vault.sealed' }));
  await bao.unseal();
  await verify(signer.publicKey, 'Ed25519', MESSAGE, await signer.sign(MESSAGE));
});
