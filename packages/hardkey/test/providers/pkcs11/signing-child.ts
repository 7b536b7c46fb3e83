// An application of its own: opens a key and signs as often as it is told.
import { parseKeyRef } from 'hardkey';
import { type Pkcs11Config, pkcs11 } from 'hardkey/providers/pkcs11';
import { secretFile } from 'hardkey/secrets';

const [config = '', ref = '', times = '', stays] = process.argv.slice(2);
const pin = secretFile(process.env['HARDKEY_TEST_PIN_FILE'] ?? '');
const provider = pkcs11({ ...(JSON.parse(config) as Pkcs11Config), pin });
const signer = (await provider.open(parseKeyRef(ref))).use('ES256');
for (let signed = 0; signed < Number(times); signed++) await signer.sign(Uint8Array.of(signed));
process.stdout.write('signed\n');
// With a fourth argument it waits, having that.
if (stays !== undefined) await new Promise((resolve) => setTimeout(resolve, 600_000));
await provider.close();
