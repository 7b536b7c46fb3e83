// The emulator of Azure Key Vault as a process of its own, for programs that a test waits for.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

/** Whoever ends what was begun for him. */
interface Owner {
  after(end: () => Promise<void>): void;
}

/** Starts it until its owner ends, by default the tests of the file. Resolves with the environment that leads to it. */
export async function azureProcess(owner: Owner = { after }): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-azure-'));
  const ca = join(folder, 'ca.pem');
  const main = import.meta.resolve('@hardkey/emulators/package.json').replace('package.json', 'src/main.ts');
  const run = `import { main } from '${main}'; process.exitCode = await main(process.argv.slice(1));`;
  const node = [
    '--conditions=@hk/source',
    '--input-type=module',
    '--eval',
    run,
    '--',
    'azure',
    '--ca-file',
    ca,
  ];
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
  owner.after(async () => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  const said: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') break;
    const [name = '', value = ''] = line.split(' ');
    said[name] = value;
  }
  const { vault = '', authority = '', tenant = '', client = '', secret = '' } = said;
  return {
    AZURE_KEYVAULT_URL: vault,
    AZURE_AUTHORITY_HOST: authority,
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client,
    AZURE_CLIENT_SECRET: secret,
    NODE_EXTRA_CA_CERTS: ca,
  };
}
