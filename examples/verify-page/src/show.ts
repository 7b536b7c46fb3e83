// The answer as elements. All text goes in as text: a credential is not markup.
import type { Decoded, Identity } from 'hardkey/formats/claim169/verify';
import { photoOf, type Tone, type Verdict } from './verdict.ts';

/** Not by colour alone. */
const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', late: '!', bad: '✗', none: '?' };

/** Shows an answer in `place` and goes there; `again` is called for the next code. */
export function show(place: HTMLElement, verdict: Verdict, again: () => void): void {
  const { tone, advice = [], decoded } = verdict;
  place.className = tone;
  const heading = headingOf(verdict);
  place.replaceChildren(
    banner(heading, verdict.reason),
    ...advice.map((text) => element('p', text, 'advice')),
    ...(decoded ? [who(decoded)] : []),
    more(verdict),
    next(again),
  );
  place.hidden = false;
  heading.focus();
}

/** Takes the focus, so that readers of screens say it and the next key is for the next code. */
function headingOf({ tone, title }: Verdict): HTMLElement {
  const heading = element('h2');
  const sign = element('span', SIGNS[tone]);
  sign.ariaHidden = 'true';
  heading.append(sign, ` ${title}`);
  heading.tabIndex = -1;
  heading.setAttribute('aria-describedby', 'reason');
  return heading;
}

function banner(heading: HTMLElement, reason: string): HTMLElement {
  const box = element('div', '', 'banner');
  const text = element('p', reason);
  text.id = 'reason';
  box.append(heading, text);
  return box;
}

function who({ identity, meta }: Decoded): HTMLElement {
  const box = element('div', '', 'who');
  const list = element('dl');
  for (const [label, value, className] of rows(identity, meta)) {
    if (value === undefined || value === '') continue;
    const description = element('dd', value, className);
    // Names are in any script.
    description.dir = 'auto';
    list.append(element('dt', label), description);
  }
  box.append(...photo(identity), list);
  return box;
}

/** A label, what stands beside it, and how it looks. */
type Row = readonly [label: string, value: string | undefined, className?: string];

function rows(identity: Identity, { issuer, issuedAt }: Decoded['meta']): readonly Row[] {
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
    ['Issued on', issuedAt === undefined ? undefined : day(new Date(issuedAt * 1000))],
  ];
}

function birthday(text: string | undefined): string | undefined {
  const found = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text ?? '');
  if (found === null) return text;
  return day(new Date(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`), 'UTC') ?? text;
}

function day(date: Date, timeZone?: string): string | undefined {
  if (Number.isNaN(date.getTime())) return undefined;
  return date.toLocaleDateString(undefined, { dateStyle: 'long', ...(timeZone && { timeZone }) });
}

/** What browsers can show, by the number the format gives it. */
const IMAGE_TYPES: Readonly<Record<number, string>> = {
  0: 'image/png',
  1: 'image/jpeg',
  3: 'image/avif',
  4: 'image/webp',
};

function photo(identity: Identity): readonly HTMLElement[] {
  const found = photoOf(identity);
  if (found === undefined) return [];
  const picture = element('img');
  picture.alt = 'Photo in the credential';
  const type = IMAGE_TYPES[found.subFormat ?? -1];
  picture.src = URL.createObjectURL(
    new Blob([Uint8Array.from(found.data)], type === undefined ? {} : { type }),
  );
  picture.addEventListener('load', () => URL.revokeObjectURL(picture.src));
  picture.addEventListener('error', () => {
    URL.revokeObjectURL(picture.src);
    picture.replaceWith(element('p', 'There is a photo that this device cannot show.', 'unseen-photo'));
  });
  return [picture];
}

function more({ decoded, detail }: Verdict): HTMLElement {
  const box = element('details');
  const list = element('ul');
  const { algorithm, keyId, checks = [] } = decoded?.verification ?? {};
  const lines = [
    detail,
    algorithm && `signed with ${algorithm}${keyId === undefined ? '' : `, key ${keyId}`}`,
    decoded && `read as ${decoded.profile}`,
    ...checks.map(({ name, passed }) => `${passed ? 'passed' : 'failed'}: ${name}`),
    ...(decoded?.warnings ?? []).map(({ path, message }) => `note: ${path}: ${message}`),
    `checked at ${new Date().toISOString()}`,
  ];
  for (const line of lines) if (line) list.append(element('li', line));
  box.append(element('summary', 'Details'), list);
  return box;
}

function next(again: () => void): HTMLElement {
  const bar = element('div', '', 'next');
  const button = element('button', 'Check another code', 'again');
  button.type = 'button';
  button.addEventListener('click', again);
  bar.append(button);
  return bar;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}
