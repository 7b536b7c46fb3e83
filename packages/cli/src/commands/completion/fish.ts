/**
 * Completion in fish.
 *
 * @module
 */
import type { CompletedOption, Place, Word } from './leaves.ts';

/** The script. */
export function fish(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# Completion of hardkey for fish.
function __hardkey_at
    set -l place ''
    for word in (commandline -opc)[2..]
        set -l longer (string trim "$place $word")
        contains -- $longer ${paths.join(' ')}; and set place $longer
    end
    test "$place" = "$argv[1]"
end
function __hardkey_keys
    set -l previous ''
    set -l where
    for word in (commandline -opc)
        contains -- $previous --store --config; and set -a where $previous $word
        set previous $word
    end
    command hardkey key list --names $where 2> /dev/null
end
${places.flatMap(linesOf).join('')}`;
}

function linesOf({ path, words, keys, options }: Place): readonly string[] {
  const at = `complete -c hardkey -n ${quoted(`__hardkey_at ${quoted(path)}`)}`;
  return [
    ...words.map((word) => `${at} -f -a ${quoted(word.text)} ${described(word)}\n`),
    ...(keys ? [`${at} -f -a ${KEYS}\n`] : []),
    ...options.map((option) => `${at}${valueText(option)} -l ${option.text.slice(2)} ${described(option)}\n`),
  ];
}

const KEYS = "'(__hardkey_keys)'";

function valueText({ takesValue, values, keys }: CompletedOption): string {
  if (!takesValue) return '';
  if (keys) return ` -x -a ${KEYS}`;
  return values.length === 0 ? ' -r' : ` -x -a ${quoted(values.join(' '))}`;
}

function described({ help }: Word): string {
  return `-d ${quoted(help)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
