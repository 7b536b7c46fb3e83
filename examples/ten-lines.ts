// A key, a signature and its verification.
import { createKeys, verify } from 'hardkey';
import { memory } from 'hardkey/providers/memory';

await using keys = createKeys([memory()]);
const signer = (await keys.create('memory:demo', { algorithm: 'Ed25519' })).use('Ed25519');
const message = new TextEncoder().encode('hello');
const signature = await signer.sign(message);
await verify(signer.publicKey, 'Ed25519', message, signature); // throws unless genuine
console.log(signer.publicKey.toPem());
