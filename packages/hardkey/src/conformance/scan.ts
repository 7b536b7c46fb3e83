/**
 * Looks for a secret in values, in every form that it may have taken on the way there.
 *
 * @module
 */
import { bytesOf } from './trial.ts';

/** A search for one secret. */
export interface Scan {
  /** Whether it shows anywhere in what the value prints, serialises to or holds. */
  finds(value: unknown): boolean;
  /** Throws when the search could not have found the secret: what it does not find must be proof. */
  control(): void;
}

/** Shorter marks would be found by chance. */
const SHORTEST = 8;
const DEEPEST = 8;

/** A search for `mark`, which also looks at what `inspect` prints. */
export function scanFor(mark: string, inspect: (value: unknown) => string = () => ''): Scan {
  if (mark.length < SHORTEST) throw new Error(`a canary has at least ${SHORTEST} characters`);
  const forms = formsOf(mark);
  const shows = (text: string): boolean => forms.some((form) => text.includes(form));
  const finds = (value: unknown): boolean =>
    [inspect(value), printed(value)].some(shows) || holds(value, shows, new Set(), DEEPEST);
  return {
    finds,
    control() {
      const missed = plants(mark, forms).findIndex((plant) => !finds(plant));
      if (missed !== -1) throw new Error(`the scan did not find planted canary ${missed}`);
      if (finds({ nothing: ['here'] })) throw new Error('the scan finds a canary where there is none');
      if (inspect(undefined) !== '' && !shows(inspect(new Error(mark)))) {
        throw new Error('`inspect` does not print the message of an error');
      }
    },
  };
}

/** Text, hexadecimal, base64 at each of its three alignments, percent-encoded, and lists of numbers. */
function formsOf(mark: string): readonly string[] {
  const bytes = [...bytesOf(mark)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  return [
    mark,
    hex.join(''),
    hex.join('').toUpperCase(),
    hex.join(' '),
    hex.map((pair) => `%${pair}`).join(''),
    encodeURIComponent(mark),
    bytes.join(','),
    bytes.join(', '),
    ...[0, 1, 2].flatMap((shift) => {
      const text = btoa('\0'.repeat(shift) + String.fromCharCode(...bytes));
      // The characters at both ends also depend on the neighbours.
      const inner = text.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 8) / 6) - 1);
      return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
}

/** Values in which every form is planted, and places in which one is. */
function plants(mark: string, forms: readonly string[]): readonly unknown[] {
  return [
    ...forms.map((form) => new Error(`before ${form} after`)),
    new Error('outer', { cause: new Error(mark) }),
    Object.assign(new Error('outer'), { details: { nested: [mark] } }),
    Object.defineProperty({}, 'hidden', { value: mark, enumerable: false }),
    { [Symbol('hidden')]: mark },
    { [mark]: 1 },
    new Map([['key', mark]]),
    new Set([mark]),
    bytesOf(`before ${mark} after`),
    { toJSON: () => ({ mark }) },
    { toString: () => mark },
    new AggregateError([new Error(mark)], 'outer'),
    mark,
  ];
}

function printed(value: unknown): string {
  try {
    return `${String(value)} ${JSON.stringify(value)}`;
  } catch {
    // Some objects have no text or hold themselves; they are looked into below.
    return '';
  }
}

/** Looks into the value itself: own properties of any kind, prototypes' aside, and the content of collections. */
function holds(value: unknown, shows: (text: string) => boolean, seen: Set<unknown>, depth: number): boolean {
  if (typeof value === 'string') return shows(value);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  if (seen.has(value) || depth === 0) return false;
  seen.add(value);
  if (value instanceof Uint8Array) return shows(new TextDecoder('latin1').decode(value));
  const parts: unknown[] = [...Object.getOwnPropertyNames(value), printed(value)];
  if (value instanceof Map) parts.push(...value.keys(), ...value.values());
  if (value instanceof Set) parts.push(...value);
  for (const name of Reflect.ownKeys(value)) parts.push(Reflect.getOwnPropertyDescriptor(value, name)?.value);
  return parts.some((part) => holds(part, shows, seen, depth - 1));
}
