// The keys that are trusted: those this page came with, or those its user chose instead.
import { createTrust, type Trust } from 'hardkey/formats/claim169/verify';

const CHOSEN = 'trusted-keys';

/** A trust, and whether the user of the page chose it. */
export interface TrustedKeys {
  readonly trust: Trust;
  readonly chosen: boolean;
}

/** The chosen keys, or else `trust.json` or `trust.pem` beside the page. */
export async function loadTrust(): Promise<TrustedKeys> {
  const chosen = localStorage.getItem(CHOSEN);
  if (chosen !== null) return { trust: await createTrust(chosen), chosen: true };
  const answer = await fetch('trust.json');
  if (!answer.ok) throw new Error('trust.json is not there');
  return { trust: await createTrust(await answer.text()), chosen: false };
}

/** Trusts the keys of a file, and only them, from now on. Any form that `createTrust` reads as text. */
export async function chooseTrust(file: Blob): Promise<TrustedKeys> {
  const text = await file.text();
  const trust = await createTrust(text);
  localStorage.setItem(CHOSEN, text);
  return { trust, chosen: true };
}

/** Goes back to the keys of the page. */
export function forgetChosen(): void {
  localStorage.removeItem(CHOSEN);
}
