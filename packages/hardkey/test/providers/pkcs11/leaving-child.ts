// An application of its own: a call of it hangs, and it closes and ends.
import { setImmediate as turn } from 'node:timers/promises';
import { isFailure, parseKeyRef } from 'hardkey';
import { type Pkcs11Config, pkcs11 } from 'hardkey/providers/pkcs11';
import { secretFile } from 'hardkey/secrets';

const [config = '', ref = '', pinFile = ''] = process.argv.slice(2);
const settings = { ...(JSON.parse(config) as Pkcs11Config), pin: secretFile(pinFile), timeoutMs: 500 };
const provider = pkcs11(settings);
const signer = (await provider.open(parseKeyRef(ref))).use('ES256');
try {
  await signer.sign(Uint8Array.of(1));
} catch (error) {
  console.log(isFailure(error) && error.code);
}
let isClosed = false;
const closing = provider.close().then(() => {
  isClosed = true;
});
// However long the worker takes to die, that is waited for.
for (let turns = 0; turns < 5; turns++) await turn();
console.log(isClosed || process.getActiveResourcesInfo().includes('ProcessWrap'));
await closing;
console.log('closed');
