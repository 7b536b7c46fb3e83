/**
 * Words of the static dictionary, and what is made of them (RFC 7932 §8).
 *
 * @module
 */
import { decodeBase64 } from '../base64.ts';
import { concat } from '../bytes.ts';
import { WORDS } from './words.ts';

/** Bits of the number of words of each length (RFC 7932 §8, NDBITS). */
const COUNT_BITS = [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5];

/** RFC 7932 appendix B: prefix, what is done with the word, suffix. */
const TRANSFORMS: readonly (readonly string[])[] = [
  '||;|| ; || ;|-1|;|U| ;|| the ; ||;s || ;|| of ;|U|;|| and ;|-2|;|1|;, || ;||, ;',
  ' |U| ;|| in ;|| to ;e || ;||";||.;||">;||\n;|3|;||];|| for ;|-3|;|2|;|| a ;|| that ;',
  " |U|;||. ;.||; ||, ;|-4|;|| with ;||';|| from ;|| by ;|-5|;|-6|; the ||;|4|;",
  '||. The ;|A|;|| on ;|| as ;|| is ;|7|;|1|ing ;||\n\t;||:; ||. ;||ed ;|-9|;|-7|;|6|;',
  '||(;|U|, ;|8|;|| at ;||ly ; the || of ;|5|;|9|; |U|, ;|U|";.||(;|A| ;|U|">;||=";',
  ' ||.;.com/||; the || of the ;|U|\';||. This ;||,;.|| ;|U|(;|U|.;|| not ; ||=";||er ;',
  " |A| ;||al ; |A|;||=';|A|\";|U|. ; ||(;||ful ; |U|. ;||ive ;||less ;|A|';||est ;",
  ' |U|.;|A|">; ||=\';|U|,;||ize ;|A|.;\xc2\xa0||; ||,;|U|=";|A|=";||ous ;|A|, ;|U|=\'; |U|,;',
  " |A|=\"; |A|, ;|A|,;|A|(;|A|. ; |A|.;|A|='; |A|. ; |U|=\"; |A|='; |U|='",
]
  .join('')
  .split(';')
  .map((line) => line.split('|'));

/** The word that `id` stands for among those of `length` bytes; undefined where there is none. */
export function wordOf(words: Uint8Array, length: number, id: number): Uint8Array | undefined {
  const countBits = COUNT_BITS[length] ?? 0;
  const [prefix, change, suffix] = TRANSFORMS[id >> countBits] ?? [];
  if (countBits === 0 || prefix === undefined || change === undefined || suffix === undefined)
    return undefined;
  const offset = COUNT_BITS.slice(0, length).reduce((sum, bits, i) => sum + (bits > 0 ? i << bits : 0), 0);
  const at = offset + (id & ((1 << countBits) - 1)) * length;
  return concat(latin1(prefix), changed(words.slice(at, at + length), change), latin1(suffix));
}

/** The dictionary's bytes, from a stream that every browser can read. */
export async function loadWords(): Promise<Uint8Array> {
  const stream = new Blob([decodeBase64(WORDS, 'words')]).stream();
  return new Uint8Array(
    await new Response(stream.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer(),
  );
}

/** `U` and `A` make the first or all letters capital, `-n` leaves out the first n bytes, `n` the last. */
function changed(word: Uint8Array, change: string): Uint8Array {
  if (change === 'U') capitalise(word, 0);
  else if (change === 'A') for (let at = 0; at < word.length; ) at += capitalise(word, at);
  else if (change.startsWith('-')) return word.subarray(Number(change.slice(1)));
  else if (change !== '') return word.subarray(0, Math.max(0, word.length - Number(change)));
  return word;
}

/** Makes one character capital, as RFC 7932 §8 has it, and says how many bytes it takes. */
function capitalise(word: Uint8Array, at: number): number {
  const first = word[at] ?? 0;
  if (first < 192) {
    if (first >= 97 && first <= 122) word[at] = first ^ 32;
    return 1;
  }
  const [step, mask] = first < 224 ? [2, 32] : [3, 5];
  const last = at + step - 1;
  if (last < word.length) word[last] = (word[last] ?? 0) ^ mask;
  return step;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
