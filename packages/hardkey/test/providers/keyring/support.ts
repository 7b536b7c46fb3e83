// One session for the tests of a file: the library finds it by the environment of the process.
import { after } from 'node:test';
import { gnomeKeyring, type Session, startSession } from '../../support/gnome-keyring.ts';

/** The session, where there is a keyring to be had. */
export const session: Session | undefined =
  gnomeKeyring.missing === undefined ? await startSession() : undefined;
Object.assign(process.env, session?.env);
after(() => session?.end());

/** Why nothing can be tested here. */
export const skip: string | false = gnomeKeyring.missing ?? false;
