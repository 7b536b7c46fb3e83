/**
 * Completion in zsh.
 *
 * @module
 */
import type { Place, Word } from './leaves.ts';

/** The script. */
export function zsh(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `#compdef hardkey
# Completion of hardkey for zsh.
_hardkey() {
  local place= previous=\${words[CURRENT-1]} word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place $previous" in
${places.flatMap(valueCases).join('')}  esac
  case "$place" in
${places.map(placeCase).join('')}  esac
}
# Loaded as a function by compinit, or read by source.
if [ "\${funcstack[1]}" = _hardkey ]; then _hardkey "$@"; else compdef _hardkey hardkey; fi
`;
}

function valueCases({ path, options }: Place): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ text, values }) => {
      const complete = values.length === 0 ? '_files' : `compadd -- ${values.map(quoted).join(' ')}`;
      return `    '${path} ${text}') ${complete}; return ;;\n`;
    });
}

function placeCase({ path, words, options }: Place): string {
  const described = [...words, ...options].map(describedWord).join(' ');
  const files = words.length === 0 ? '; _files' : '';
  return `    '${path}') local -a known=(${described}); _describe hardkey known${files} ;;\n`;
}

/** A colon ends the word; what follows is its help. */
function describedWord({ text, help }: Word): string {
  return quoted(`${text.replaceAll(':', '\\:')}:${help}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
