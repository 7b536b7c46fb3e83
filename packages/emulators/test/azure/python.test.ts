import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzureKeyVault } from '@hardkey/emulators';
import { pythonTests } from '../support/python.ts';

const folder = mkdtempSync(join(tmpdir(), 'hardkey-emulator-'));
try {
  const emulator = await startAzureKeyVault();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, emulator.ca);
  await pythonTests(emulator, import.meta.dirname, ['access', 'keys', 'cryptography_of_keys'], {
    EMULATOR_URL: emulator.url,
    EMULATOR_CA: ca,
    EMULATOR_VAULT: emulator.vaultUrl,
    EMULATOR_AUTHORITY: emulator.authorityHost,
    EMULATOR_TENANT: emulator.tenantId,
    EMULATOR_CLIENT: emulator.clientId,
    EMULATOR_SECRET: emulator.clientSecret,
  });
} finally {
  rmSync(folder, { recursive: true });
}
