/**
 * `hardkey quickstart`: the whole way, from no key to a verified credential, in a folder to throw away.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readSmall, temporaryFolder, writeWhole } from '../files.ts';
import { readQr } from '../read-qr.ts';
import { showQr } from '../show-qr.ts';
import type { Run } from '../tree/command.ts';
import { forge } from './quickstart/forge.ts';
import { runnerIn } from './quickstart/runner.ts';

/** Who is certified: the sample of the Claim 169 specification. */
const IDENTITY = {
  id: '3918592438',
  fullName: 'Janardhan BS',
  dateOfBirth: '19840418',
  gender: 1,
  address: 'New House, Near Metro Line\nBengaluru, KA',
  email: 'janardhan@example.com',
  phone: '+919876543210',
  nationality: 'IN',
};

/** See the tree. */
export const run: Run = async (_given, context) => {
  const folder = temporaryFolder('hardkey-');
  const { output, environment } = context;
  const say = (text: string) => output.write(`${text}\n`);
  const files = await prepare(folder);
  await say(`A signed identity in a QR code, made and verified on this machine.

This is a throwaway folder: ${folder}
The passphrase of its key store was made by chance and is in ${files.passphrase},
which only you can read. Good for trying out: delete the folder when you are done.`);

  const runner = runnerIn(context);
  const store = ['--store', join(folder, 'keys'), '--passphrase-file', files.passphrase];
  await say('\n1. Make a key, in an encrypted file store');
  await runner(['key', 'generate', '--algorithm', 'ES256', '--label', 'issuer', ...store]);
  await runner(['key', 'public', 'file:issuer', '--out', files.publicKey, ...store]);

  await say('\n2. Sign an identity, and draw it as a QR code');
  await runner([
    ...['claim169', 'encode', files.identity, '--key', 'file:issuer', '--issuer', 'https://id.example.org'],
    ...['--expires-in', '1y', '--out', files.picture, ...store],
  ]);
  const text = await readQr(await readSmall(files.picture));
  await showQr(text, context);

  await say('\n3. Read it back from the picture and verify it, offline, with the public key alone');
  await runner(['claim169', 'decode', files.picture, '--trust', files.publicKey]);

  await say('\n4. Change one bit of the name, pack it as before, and verify again');
  await writeWhole(files.forged, new TextEncoder().encode(forge(text, 'Janardhan')));
  await runner(['claim169', 'decode', files.forged, '--trust', files.publicKey], 1);

  await say('\n5. Remove the key. What it signed can still be verified');
  await runner(['key', 'delete', 'file:issuer', '--yes', ...store]);

  await say(`
The commands above can be pasted in their order, as long as the folder exists. What comes next:
docs/start.md in the repository, or ${environment.invocation} --help`);
  return 0;
};

interface Files {
  readonly passphrase: string;
  readonly identity: string;
  readonly publicKey: string;
  readonly picture: string;
  readonly forged: string;
}

async function prepare(folder: string): Promise<Files> {
  const files: Files = {
    passphrase: join(folder, 'passphrase'),
    identity: join(folder, 'identity.json'),
    publicKey: join(folder, 'issuer.pem'),
    picture: join(folder, 'credential.png'),
    forged: join(folder, 'forged.txt'),
  };
  const bytes = new TextEncoder();
  await writeWhole(files.passphrase, bytes.encode(`${randomBytes(24).toString('base64')}\n`), 0o600);
  await writeWhole(files.identity, bytes.encode(`${JSON.stringify(IDENTITY, null, 2)}\n`));
  return files;
}
