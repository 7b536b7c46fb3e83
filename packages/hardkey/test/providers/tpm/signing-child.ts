// An application of its own: makes a key in a TPM, signs with it as often as it is told, and waits.
import { parseKeyRef } from 'hardkey';
import { tpm } from 'hardkey/providers/tpm';
import { secretFile } from 'hardkey/secrets';

// The last argument is there to be found.
const [device = '', ref = '', times = '', pinFile = ''] = process.argv.slice(2);
const provider = tpm({ device, auth: secretFile(pinFile) });
await provider.create?.(parseKeyRef(ref), { algorithm: 'ES256' });
const signer = (await provider.open(parseKeyRef(ref))).use('ES256');
for (let signed = 0; signed < Number(times); signed++) await signer.sign(Uint8Array.of(signed));
process.stdout.write('signed\n');
await new Promise((resolve) => setTimeout(resolve, 600_000));
