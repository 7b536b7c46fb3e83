// Every backend that keeps keys, on the real thing: a token, a TPM, a keyring and a folder.
import { join } from 'node:path';
import { after } from 'node:test';
import { component } from '../../../../scripts/components/index.ts';
import { initToken, missingForTokens, PIN } from '../../../hardkey/test/providers/pkcs11/support.ts';
import { gnomeKeyring, type Session, startSession } from '../../../hardkey/test/support/gnome-keyring.ts';
import { startSwtpm } from '../../../hardkey/test/support/swtpm.ts';
import type { sandbox } from './sandbox.ts';

/** One of them. */
export interface Backend {
  readonly name: 'pkcs11' | 'tpm' | 'keyring' | 'file';
  /** Why it is not here, if it is not. */
  readonly skip: string | false;
  /** Starts it, until the tests of the file are done; what the settings say of it. */
  start(): Promise<Readonly<Record<string, unknown>>>;
  /** What it needs in the environment, once it runs. */
  env(): Readonly<Record<string, string>>;
  /** Place and level of custody of a new key. */
  readonly custody: readonly [place: string, level: string];
}

/** All of them, in a sandbox. */
export function backendsIn({ path, write }: ReturnType<typeof sandbox>): readonly Backend[] {
  const conf = path('softhsm2.conf');
  let session: Session | undefined;
  return [
    {
      name: 'pkcs11',
      skip: missingForTokens('softhsm2') ?? false,
      custody: ['token', 'attributed'],
      async start() {
        write(
          'softhsm2.conf',
          `directories.tokendir = ${path('.')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
        );
        initToken(conf, 'T');
        write('pin', PIN);
        const module = `module-path=${component('softhsm2').path}`;
        return { pkcs11: { tokens: [`pkcs11:token=T?${module}&pin-source=file:${path('pin')}`] } };
      },
      env: () => ({ SOFTHSM2_CONF: conf }),
    },
    {
      name: 'tpm',
      skip: component('swtpm').missing ?? false,
      custody: ['tpm', 'attributed'],
      async start() {
        const { swtpm, end } = await startSwtpm({ transport: 'tcp' });
        after(end);
        return { tpm: { device: swtpm.device, folder: 'tpm-keys' } };
      },
      env: () => ({}),
    },
    {
      name: 'keyring',
      skip: gnomeKeyring.missing ?? false,
      custody: ['os', 'claimed'],
      async start() {
        const started = await startSession();
        session = started;
        after(() => started.end());
        return { keyring: {} };
      },
      env: () => session?.env ?? {},
    },
    {
      name: 'file',
      skip: false,
      custody: ['file', 'claimed'],
      async start() {
        write('passphrase', 'a passphrase of the store');
        return { store: join('keys', 'issuer') };
      },
      env: () => ({}),
    },
  ];
}
