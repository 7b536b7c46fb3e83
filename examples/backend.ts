// A service that issues tokens of five minutes and checks them. Yesterday SIGNING_KEY was a PEM file, today
// it is a key of a store; nothing else changes, here or for those who verify:
//
//   SIGNING_KEY=file:/etc/keys/issuer.pem node examples/backend.ts
//   hardkey key generate --algorithm ES256 --label issuer && PASSPHRASE_FILE=… node examples/backend.ts
import { createKeys, createTrust } from 'hardkey';
import { openJwt, signJwt, toJwks } from 'hardkey/formats/jws';
import { file } from 'hardkey/providers/file';
import { secretFile } from 'hardkey/secrets';

const passphrase = process.env['PASSPHRASE_FILE'];
const store = file(passphrase === undefined ? {} : { passphrase: secretFile(passphrase) });
await using keys = createKeys([store], { deadlineMs: 10_000 });
const signer = (await keys.open(process.env['SIGNING_KEY'] ?? 'file:issuer')).use('ES256');

const jwks = toJwks([signer]); // serve at /.well-known/jwks.json
const issue = (sub: string) => signJwt({ sub, aud: 'api' }, { signer, expiresInSeconds: 300 });

const trust = await createTrust(jwks, { algorithms: ['ES256'] });
const { claims } = await openJwt(await issue('user-1'), { trust, audience: 'api' });
console.log(claims.sub, signer.key.ref.toString()); // the pinned key, version included
