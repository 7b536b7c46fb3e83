/**
 * Completion in bash.
 *
 * @module
 */
import type { Place } from './leaves.ts';

/** The script. */
export function bash(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# Completion of hardkey for bash.
_hardkey() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$place $previous" in
${places.flatMap(valueCases).join('')}  esac
  case "$place" in
${places.map(placeCase).join('')}  esac
}
complete -o default -F _hardkey hardkey
`;
}

function valueCases({ path, options }: Place): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ text, values }) => `    '${path} ${text}') ${reply(values)}return ;;\n`);
}

function placeCase({ path, words, options }: Place): string {
  const named = [...words, ...options].map(({ text }) => text);
  return `    '${path}') ${reply(named)};;\n`;
}

/** Without words, bash completes the names of files. */
function reply(words: readonly string[]): string {
  return words.length === 0 ? '' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$current")); `;
}
