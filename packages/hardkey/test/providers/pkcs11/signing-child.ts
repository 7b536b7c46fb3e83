// An application of its own: opens a key, says so, signs as often as it is told, and says that it is done.
import { parseKeyRef } from 'hardkey';
import { type Pkcs11Config, pkcs11 } from 'hardkey/providers/pkcs11';
import { secretFile } from 'hardkey/secrets';

const [config = '', ref = '', times = ''] = process.argv.slice(2);
const pin = secretFile(process.env['HARDKEY_TEST_PIN_FILE'] ?? '');
const provider = pkcs11({ ...(JSON.parse(config) as Pkcs11Config), pin });
const signer = (await provider.open(parseKeyRef(ref))).use('ES256');
process.stdout.write('ready\n');
for (let signed = 0; signed < Number(times); signed++) await signer.sign(Uint8Array.of(signed));
if (times === '0') await new Promise((resolve) => process.stdin.once('end', resolve).resume());
await provider.close();
process.stdout.write('done\n');
