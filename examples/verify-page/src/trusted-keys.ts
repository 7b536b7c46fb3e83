// The keys that are trusted: those this page came with, or those its user chose instead.
import { createTrust, type Trust } from 'hardkey/formats/claim169/verify';

const CHOSEN = 'trusted-keys';

/** A trust, and whether the user of the page chose it. */
export interface TrustedKeys {
  readonly trust: Trust;
  readonly chosen: boolean;
}

/** The chosen keys, or else those in `trust.json` beside the page, as they are now. */
export async function loadTrust(): Promise<TrustedKeys> {
  // Browsers leave out their cryptography elsewhere.
  if (!isSecureContext) throw new Error('this page was not loaded over https');
  const chosen = localStorage.getItem(CHOSEN);
  if (chosen !== null) return { trust: await createTrust(fromBinary(atob(chosen))), chosen: true };
  const answer = await fetch('trust.json', { cache: 'no-cache' });
  if (!answer.ok) throw new Error('trust.json is not there');
  return { trust: await createTrust(new Uint8Array(await answer.arrayBuffer())), chosen: false };
}

/** Trusts the keys of a file, and only them, from now on. Any form that `createTrust` reads from bytes. */
export async function chooseTrust(file: Blob): Promise<TrustedKeys> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const trust = await createTrust(bytes);
  localStorage.setItem(CHOSEN, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
  return { trust, chosen: true };
}

/** Goes back to the keys of the page. */
export function forgetChosen(): void {
  localStorage.removeItem(CHOSEN);
}

function fromBinary(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
