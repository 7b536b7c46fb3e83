import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startAzureKeyVault, startGcpKms } from '@hardkey/emulators';

const emulator = await startGcpKms();
after(() => emulator.close());

async function send(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${emulator.url}/emulator/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

test('a client in any language asks where the service is', async () => {
  const answer = await fetch(`${emulator.url}/emulator`);
  assert.deepEqual(await answer.json(), { address: emulator.address, port: emulator.port });

  const azure = await startAzureKeyVault();
  const { vaultUrl, authorityHost, tenantId, clientId, clientSecret, ca } = azure;
  const said: unknown = await (await fetch(`${azure.url}/emulator`)).json();
  await azure.close();
  assert.deepEqual(said, { vaultUrl, authorityHost, tenantId, clientId, clientSecret, ca });
});

test('a fault that is none says which field', async () => {
  for (const [fault, reason] of [
    [{ method: 'Encrypt', statsu: 14 }, /no field statsu/],
    [{ method: 'Encrypt', delayMs: -1 }, /field delayMs/],
    [{ status: 14 }, /names its method/],
    [{ method: 'Encrypt', status: 'UNAVAILBLE' }, /with the status UNAVAILBLE/],
    [{ method: 'asymmetricSign' }, /no method is called asymmetricSign: one is .*AsymmetricSign/],
    [{ method: 'Encrypt', status: 14, times: 0 }, /field times/],
    [{ method: 'Encrypt', delayMs: 2 ** 31 }, /field delayMs/],
    [{ method: 'Encrypt', headers: { 'a b': 'c' } }, /field headers/],
    [{ method: 'Encrypt', headers: { a: 'b\r\nc: d' } }, /field headers/],
    [{ method: 'Encrypt', headers: { a: 5 } }, /field headers/],
    [
      { method: 'Encrypt', status: 14, details: [{ '@type': 'google.rpc.None' }] },
      /google\.rpc\.None is not/,
    ],
    [{ method: 'Encrypt', flip: 'signature' }, /no answer to Encrypt has a field signature/],
    [{ method: 'Encrypt', set: { cipherText: 'AA==' } }, /no answer to Encrypt has a field cipherText/],
    ['Encrypt', /is an object/],
  ] as const) {
    const { status, body } = await send('POST', 'faults', fault);
    assert.equal(status, 400);
    assert.match(String(body['error']), reason);
    assert.throws(() => emulator.faults.add(fault as never), { name: 'TypeError', message: reason });
  }
  assert.deepEqual(emulator.faults.waiting(), []);
});

test('the queue is seen, and forgotten, from both sides', async () => {
  emulator.faults.add({ method: 'Encrypt', status: 14 });
  await send('POST', 'faults', [{ method: 'Decrypt', times: 2, status: 'UNAVAILABLE' }]);
  const waiting = [
    { method: 'Encrypt', status: 14, times: 1 },
    { method: 'Decrypt', status: 'UNAVAILABLE', times: 2 },
  ];
  assert.deepEqual((await send('GET', 'faults')).body, waiting);
  assert.deepEqual(emulator.faults.waiting(), waiting);
  await send('DELETE', 'faults');
  assert.deepEqual(emulator.faults.waiting(), []);
});

test('the clock moves forwards and backwards', async () => {
  const before = emulator.clock.now();
  await send('POST', 'clock', { advanceMs: 3_600_000 });
  assert.ok(emulator.clock.now() - before >= 3_600_000);
  emulator.clock.advance(-3_600_000);
  assert.ok(emulator.clock.now() - before < 3_600_000);
});

test('the clock shows dates alone', async () => {
  const before = emulator.clock.now();
  for (const advanceMs of [1e300, -1e300, 8000 * 365 * 86_400_000]) {
    assert.equal((await send('POST', 'clock', { advanceMs })).status, 400);
    assert.throws(() => emulator.clock.advance(advanceMs), TypeError);
  }
  assert.throws(() => emulator.clock.advance(Number.NaN), TypeError);
  assert.ok(emulator.clock.now() >= before && emulator.clock.now() - before < 3_600_000);
});

test('a denial of what no method takes is refused', async () => {
  const wrong = { permission: 'cloudkms.cryptoKeyVersions.useToSing' };
  const { status, body } = await send('POST', 'denials', wrong);
  assert.equal(status, 400);
  assert.match(String(body['error']), /useToSing/);
  assert.throws(() => emulator.permissions.deny(wrong), { name: 'TypeError', message: /useToSing/ });
});

test('a route that is not there, and a body that is not JSON, are answers', async () => {
  assert.equal((await send('GET', 'nothing')).status, 404);
  const answer = await fetch(`${emulator.url}/emulator/clock`, { method: 'POST', body: '{' });
  assert.equal(answer.status, 400);
  assert.equal((await send('POST', 'clock', { advanceMs: 'soon' })).status, 400);
});
