/**
 * The lists of patterns in a file of allowed signers (ssh_config(5), PATTERNS).
 *
 * @module
 */

/**
 * Whether a list lets text through: some pattern matches it, and none with a `!` before it does. `*`
 * stands for anything, `?` for one character.
 */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), text))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, text));
}

/** Without backtracking into more than the last star: patterns may come from anywhere. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star !== -1) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
