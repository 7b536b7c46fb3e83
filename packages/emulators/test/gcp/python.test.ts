import { startGcpKms } from '@hardkey/emulators';
import { pythonTests } from '../support/python.ts';

const emulator = await startGcpKms();
await pythonTests(emulator, import.meta.dirname, ['resources', 'signing', 'encryption', 'faults'], {
  EMULATOR_ADDRESS: emulator.address,
  EMULATOR_URL: emulator.url,
});
