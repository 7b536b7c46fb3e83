/**
 * Completion in bash, from 3.2 on.
 *
 * @module
 */
import type { CompletedOption, Place } from './leaves.ts';

/** The script. */
export function bash(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# Completion of hardkey for bash.
_hardkey() {
  # The words that bash has are taken apart at colons, which references have.
  local line=\${COMP_LINE:0:COMP_POINT} current= previous= place= word
  local -a words=() where=()
  read -ra words <<< "$line"
  if [[ $line != *[[:space:]] ]]; then
    current=\${words[\${#words[@]}-1]}
    unset "words[\${#words[@]}-1]"
  fi
  for word in "\${words[@]:1}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
    case $previous in
      --store|--config) where+=("$previous" "$word") ;;
    esac
    previous=$word
  done
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    current=\${current#*=}
  fi
  COMPREPLY=()
  case "$place $previous" in
${places.flatMap(valueCases).join('')}    *)
      case "$place|$current" in
${places.flatMap(placeCases).join('')}      esac ;;
  esac
  # What stands before the last colon is not replaced.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
  fi
}
complete -o default -F _hardkey hardkey
`;
}

function valueCases({ path, options }: Place): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map((option) => `    '${path} ${option.text}') ${reply(wordsOf(option))};;\n`);
}

function placeCases({ path, words, keys, options }: Place): readonly string[] {
  const texts = (named: readonly { readonly text: string }[]) => named.map(({ text }) => text).join(' ');
  return [
    `        '${path}|-'*) ${reply(texts(options))};;\n`,
    `        '${path}|'*) ${reply([...(keys ? [KEYS] : []), texts(words)].join(' ').trim())};;\n`,
  ];
}

/** Looked up when they are asked for: the script knows no store. */
const KEYS = `$(command hardkey key list --names \${where[@]+"\${where[@]}"} 2> /dev/null)`;

function wordsOf({ values, keys }: CompletedOption): string {
  return keys ? KEYS : values.join(' ');
}

/** Without words, bash completes the names of files. */
function reply(words: string): string {
  return words === '' ? '' : `COMPREPLY=($(compgen -W "${words}" -- "$current")) `;
}
