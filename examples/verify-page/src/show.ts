// The answer as elements. All text goes in as text: a credential is not markup.
import type { Biometric, Decoded, Identity } from 'hardkey/formats/claim169/verify';
import type { Verdict } from './verdict.ts';

/** Shows an answer in `place`; `again` is called for the next code. */
export function show(place: HTMLElement, verdict: Verdict, again: () => void): void {
  place.className = verdict.tone;
  place.replaceChildren(banner(verdict), ...(verdict.decoded ? [who(verdict.decoded)] : []), more(verdict));
  const next = element('button', 'Check another code');
  next.type = 'button';
  next.className = 'again';
  next.addEventListener('click', again);
  place.append(next);
  place.hidden = false;
}

function banner({ tone, title, reason }: Verdict): HTMLElement {
  const box = element('div');
  box.className = 'banner';
  // Not by colour alone.
  const sign = { good: '✓', late: '!', bad: '✗' }[tone];
  box.append(element('h2', `${sign} ${title}`), element('p', reason));
  return box;
}

function who({ identity, meta }: Decoded): HTMLElement {
  const box = element('div');
  box.className = 'who';
  const list = element('dl');
  for (const [label, value, className] of rows(identity, meta.issuer)) {
    if (value === undefined || value === '') continue;
    const term = element('dd', value);
    term.className = className ?? '';
    list.append(element('dt', label), term);
  }
  box.append(...photo(identity), list);
  return box;
}

/** A label, what stands beside it, and how it looks. */
type Row = readonly [label: string, value: string | undefined, className?: string];

function rows(identity: Identity, issuer: string | undefined): readonly Row[] {
  const { firstName, middleName, lastName } = identity;
  const parts = [firstName, middleName, lastName].filter(Boolean).join(' ');
  return [
    ['Name', identity.fullName ?? parts, 'name'],
    ['Name in another language', identity.secondaryFullName],
    ['Born', birthday(identity.dateOfBirth)],
    ['Gender', ['', 'male', 'female', 'other'][identity.gender ?? 0]],
    ['Number', identity.id],
    ['Nationality', identity.nationality],
    ['Address', identity.address],
    ['Guardian', identity.guardian],
    ['Issued by', issuer],
  ];
}

function birthday(text: string | undefined): string | undefined {
  const found = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text ?? '');
  if (found === null) return text;
  const date = new Date(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`);
  return date.toLocaleDateString(undefined, { dateStyle: 'long', timeZone: 'UTC' });
}

/** What browsers can show, by the number the format gives it. */
const IMAGE_TYPES: Readonly<Record<number, string>> = {
  0: 'image/png',
  1: 'image/jpeg',
  3: 'image/avif',
  4: 'image/webp',
};

function photo(identity: Identity): readonly HTMLElement[] {
  const face = identity.face?.find(({ format = 0 }) => format === 0) ?? oldPhoto(identity);
  if (face === undefined) return [];
  const picture = element('img');
  picture.alt = 'Photo in the credential';
  const type = IMAGE_TYPES[face.subFormat ?? -1];
  picture.src = URL.createObjectURL(
    new Blob([Uint8Array.from(face.data)], type === undefined ? {} : { type }),
  );
  picture.addEventListener('load', () => URL.revokeObjectURL(picture.src));
  picture.addEventListener('error', () => {
    picture.replaceWith(element('p', 'There is a photo that this device cannot show.'));
  });
  return [picture];
}

/** The field that version 1.2.1 replaces with `face`; its formats count from 1, and agree from JPEG on. */
function oldPhoto({ photo, photoFormat }: Identity): Biometric | undefined {
  if (photo === undefined) return undefined;
  return { data: photo, format: 0, ...(photoFormat !== undefined && { subFormat: photoFormat }) };
}

function more({ decoded, detail }: Verdict): HTMLElement {
  const box = element('details');
  const list = element('ul');
  const { algorithm, keyId, checks = [] } = decoded?.verification ?? {};
  const lines = [
    detail,
    algorithm && `signed with ${algorithm}${keyId === undefined ? '' : `, key ${keyId}`}`,
    ...checks.map(({ name, passed }) => `${passed ? 'passed' : 'failed'}: ${name}`),
    ...(decoded?.warnings ?? []).map(({ path, message }) => `note: ${path}: ${message}`),
  ];
  for (const line of lines) if (line) list.append(element('li', line));
  box.append(element('summary', 'Details'), list);
  return box;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text?: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}
