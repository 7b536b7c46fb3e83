import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

const folder = mkdtempSync(join(tmpdir(), 'hardkey-emulator-'));
after(() => rmSync(folder, { recursive: true }));

const MAIN = new URL('../src/main.ts', import.meta.url);
const RUN = `import { main } from '${MAIN}'; process.exitCode = await main(process.argv.slice(1));`;

function start(...args: readonly string[]) {
  const node = ['--conditions=@hk/source', '--input-type=module', '--eval', RUN, '--', ...args];
  return spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ending(...args: readonly string[]): Promise<{ status: unknown; said: string }> {
  const child = start(...args);
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  const [status] = (await once(child, 'close')) as [unknown];
  return { status, said };
}

test('the command says where it listens, then ready, and stops when told to', async () => {
  const caFile = join(folder, 'ca.pem');
  const child = start('gcp', '--tls', '--ca-file', caFile);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line === 'ready') break;
  }
  const [grpc = '', http = ''] = lines;
  assert.match(grpc, /^grpc 127\.0\.0\.1:\d+$/);
  assert.match(http, /^http http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(readFileSync(caFile, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
  assert.equal((await fetch(`${http.slice(5)}/emulator/clock`)).status, 200);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

test('the command goes on when nobody reads what it says', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const child = start('gcp', '--http-port', String(port));
  child.stdout.destroy();
  const closed = once(child, 'close');
  while (child.exitCode === null && !(await isThere(`http://127.0.0.1:${port}/emulator`))) await wait(50);
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
});

async function isThere(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

test('the command says what a client of Azure needs', async () => {
  const child = start('azure');
  const said: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') break;
    const [name = '', value = ''] = line.split(' ');
    said[name] = value;
  }
  assert.deepEqual(Object.keys(said), ['vault', 'authority', 'http', 'tenant', 'client', 'secret']);
  assert.match(said['vault'] ?? '', /^https:\/\/localhost:\d+$/);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

test('a command line that is none is exit 64 and says why', async () => {
  for (const [args, reason] of [
    [[], /gcp/],
    [['gcp', 'more'], /gcp/],
    [['gcp', '--port', 'x'], /--port: x is not a port/],
    [['azure', '--port', '65535'], /--http-port: 65536 is not a port/],
    [['gcp', '--prot', '1'], /--prot/],
    [['gcp', '--token-port', '1'], /--token-port is for azure/],
    [['gcp', '--ca-file', join(folder, 'none.pem')], /give --tls too/],
  ] as const) {
    const { status, said } = await ending(...args);
    assert.equal(status, 64);
    assert.match(said, reason);
  }
});

test('a certificate that cannot be written ends the command', async () => {
  const { status, said } = await ending('azure', '--ca-file', join(folder, 'absent', 'ca.pem'));
  assert.equal(status, 1);
  assert.match(said, /ENOENT/);
});

test('a port in use is exit 1', async () => {
  const child = start('gcp');
  const [first = ''] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { status, said } = await ending('gcp', '--port', first.split(':')[1] ?? '');
  assert.equal(status, 1);
  assert.match(said, /hardkey-emulator: /);
  child.kill('SIGTERM');
  await once(child, 'close');
});
