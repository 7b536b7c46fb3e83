/**
 * Completion in zsh.
 *
 * @module
 */
import type { CompletedOption, Place, Word } from './leaves.ts';

/** The script. */
export function zsh(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `#compdef hardkey
# Completion of hardkey for zsh.
_hardkey() {
  local place= previous= word
  local -a where known
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
    case $previous in
      --store|--config) where+=("$previous" "$word") ;;
    esac
    previous=$word
  done
  if [[ $PREFIX == --*=* ]]; then
    previous=\${PREFIX%%=*}
    compset -P '*='
  fi
  case "$place $previous" in
${places.flatMap(valueCases).join('')}  esac
  case "$place|$PREFIX" in
${places.flatMap(placeCases).join('')}  esac
}
_hardkey_keys() {
  local -a keys=(\${(f)"$(command hardkey key list --names "\${where[@]}" 2> /dev/null)"})
  compadd -- $keys
}
# Loaded as a function by compinit, or read by source.
if [ "\${funcstack[1]}" = _hardkey ]; then _hardkey "$@"; else compdef _hardkey hardkey; fi
`;
}

function valueCases({ path, options }: Place): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map((option) => `    '${path} ${option.text}') ${completed(option)}; return ;;\n`);
}

function completed({ values, keys }: CompletedOption): string {
  if (keys) return '_hardkey_keys';
  return values.length === 0 ? '_files' : `compadd -- ${values.map(quoted).join(' ')}`;
}

function placeCases({ path, words, keys, options }: Place): readonly string[] {
  const described = (named: readonly Word[]) =>
    `known=(${named.map(describedWord).join(' ')}); _describe hardkey known`;
  const argument = [...(keys ? ['_hardkey_keys'] : []), ...(words.length === 0 ? [] : [described(words)])];
  return [
    `    '${path}|-'*) ${described(options)} ;;\n`,
    `    '${path}|'*) ${argument.join('; ') || '_files'} ;;\n`,
  ];
}

/** A colon ends the word; what follows is its help. */
function describedWord({ text, help }: Word): string {
  return quoted(`${text.replaceAll(':', '\\:')}:${help}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
