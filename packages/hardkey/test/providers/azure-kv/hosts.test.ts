// Keys at the host that Azure gives a vault, without a configured one: a proxy leads there, as in many companies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { createKeys, verify } from 'hardkey';
import { azureKv } from 'hardkey/providers/azure-kv';
import { emulator, useAzureEnvironment } from '../../support/azure.ts';

const MESSAGE = new TextEncoder().encode('message');
const { vaultUrl, authorityHost, ca, ...emulated } = await emulator();
useAzureEnvironment({ vaultUrl, authorityHost, ca, ...emulated });

const seen: string[] = [];
const sockets = new Set<Socket>();
const proxy = createServer();
proxy.on('connect', ({ url = '' }, socket: Socket) => {
  seen.push(url);
  const [host = '', port] = url.split(':');
  // The emulator is every vault of Azure.
  const target = host.endsWith('.vault.azure.net') ? new URL(vaultUrl).port : port;
  const onward = connect(Number(target), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  for (const one of [socket, onward]) {
    sockets.add(one);
    one.on('error', () => one.destroy());
  }
});
await once(proxy.listen(0, '127.0.0.1'), 'listening');
process.env['HTTPS_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
after(() => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

test('without a configured vault a key is found at the host of its vault, and by smallstep’s names', async (t) => {
  const keys = createKeys([azureKv({ authorityHost, ca })]);
  t.after(() => keys.close());
  const made = await keys.create('azurekms://example.vault.azure.net/issuer', { algorithm: 'ES256' });
  const version = String(made.ref).split('/').at(-1) ?? '';
  for (const ref of [
    'azurekms:name=issuer;vault=example',
    'azurekms:vault=example;name=issuer',
    `azurekms:name=issuer;vault=example?version=${version}`,
    `azurekms:name=issuer;vault=example;version=${version}`,
    `azurekms:name=issuer;vault=Example;environment=public?version=${version}&hsm=false`,
  ]) {
    const key = await keys.open(ref);
    assert.equal(String(key.ref), `azurekms://example.vault.azure.net/issuer/${version}`);
    const { publicKey } = key;
    assert.ok(publicKey);
    await verify(publicKey, 'ES256', MESSAGE, await key.use('ES256').sign(MESSAGE));
  }
  await assert.rejects(keys.open('azurekms:name=issuer;vault=other'), { code: 'KEY_NOT_FOUND' });
  assert.deepEqual(
    [...new Set(seen)].filter((host) => host.includes('azure')),
    ['example.vault.azure.net:443', 'other.vault.azure.net:443'],
  );
});
