/**
 * The parser, made from the tree.
 *
 * @module
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import { Failure } from 'hardkey';
import { isFile } from './files.ts';
import { type Given, givenOf } from './given.ts';
import type { Output } from './output.ts';
import type { Asked, CommandRow, LeafRow, OptionRow } from './tree/command.ts';
import { TREE } from './tree/index.ts';

/**
 * What a command line asks for, or the exit status where that was help or the version, which is written.
 * Throws `ARGUMENT_INVALID`.
 */
export async function read(
  args: readonly string[],
  output: Output,
  version: string,
): Promise<Asked | number> {
  const shown: string[] = [];
  let asked: Asked | number = 0;
  const program = commandOf(TREE, shown, (leaf, given) => {
    asked = { leaf, given };
  });
  program.version(version, '-V, --version', 'print the version');
  try {
    await program.parseAsync([...args], { from: 'user' });
    return asked;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) await output.write(shown.join(''));
    // A group without a command: its help, where it does not pass for a result.
    else if (error.code === 'commander.help') await output.note(shown.join('').trimEnd());
    else throw usageFailure(error);
    return error.exitCode === 0 ? 0 : 64;
  }
}

type Act = (leaf: LeafRow, given: Given) => void;

function commandOf(row: CommandRow, shown: string[], act: Act): Command {
  const command = new Command(row.name).summary(row.summary).description(sentence(row.summary));
  // Thrown, and written by whoever called.
  const write = (text: string) => void shown.push(text);
  command.exitOverride().configureOutput({ writeOut: write, writeErr: write, outputError: () => undefined });
  command.helpOption('-h, --help', 'print this');
  if ('commands' in row) {
    // Otherwise the options of a group would be looked for in the text of a QR code.
    command.enablePositionalOptions().helpCommand(false);
    for (const child of row.commands) command.addCommand(commandOf(child, shown, act));
    return command;
  }
  return leafOf(command, row, act);
}

function leafOf(command: Command, row: LeafRow, act: Act): Command {
  for (const argument of row.arguments) command.addArgument(argumentOf(argument.name, argument.help));
  for (const option of row.options) command.addOption(optionOf(option, row));
  command.addHelpText(
    'after',
    `\nExamples:\n${row.examples.map((line) => `  $ hardkey ${line}\n`).join('')}`,
  );
  // The text of a QR code may begin with a dash: what is unknown is looked at below.
  command.allowUnknownOption(takesText(row)).allowExcessArguments(takesText(row));
  return command.action(() => act(row, parsed(command, row)));
}

function argumentOf(name: string, help: string): Argument {
  return new Argument(`<${name}>`, help);
}

function optionOf({ name, value, help, repeat, choices }: OptionRow, { options }: LeafRow): Option {
  const isListed = choices?.every((one) => help.includes(one)) ?? true;
  const listed = isListed ? help : `${help}: ${choices?.join(', ')}`;
  if (value === undefined) return new Option(`--${name}`, help);
  const option = new Option(`--${name} <${value}>`, listed);
  return option.argParser((given: string, before: readonly string[] | undefined) => {
    if (options.some((other) => `--${other.name}` === given)) throw usage(`--${name} needs a value`, name);
    if (before !== undefined && !repeat) throw usage(`--${name} is given twice`, name);
    return [...(before ?? []), given];
  });
}

function parsed(command: Command, row: LeafRow): Given {
  const values: Readonly<Record<string, unknown>> = command.opts();
  if (takesText(row)) checkTexts(command.args, row);
  return givenOf(row, command.args, (name) => {
    const value = values[attributeOf(name)];
    if (Array.isArray(value)) return value as readonly string[];
    return value === !name.startsWith('no-') ? [] : undefined;
  });
}

/** As commander names them: `--no-x` is the negation of `x`. */
function attributeOf(name: string): string {
  return new Option(`--${name}`).attributeName();
}

function takesText(row: LeafRow): boolean {
  return row.arguments.some(({ text }) => text === true);
}

/** Base45 (RFC 9285) has upper-case letters only, options have lower-case ones. */
function checkTexts(args: readonly string[], { arguments: expected }: LeafRow): void {
  const option = args.find((one) => /^--?[a-z]/.test(one) && !isFile(one));
  if (option !== undefined) throw unknownOption(option);
  if (args.length > expected.length) throw usage('too many arguments', 'arguments');
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** What commander found wrong. Its own words may quote what the user gave. */
function usageFailure({ code, message }: CommanderError): Failure {
  const suggestion = /\(Did you mean [^)]*\?\)/.exec(message)?.[0];
  const more = suggestion === undefined ? '' : ` ${suggestion}`;
  switch (code) {
    case 'commander.unknownOption':
      return unknownOption(/'([^']*)/.exec(message)?.[1] ?? '', more);
    case 'commander.unknownCommand':
      return usage(`no such command${more}`, 'command');
    case 'commander.excessArguments':
      return usage('too many arguments', 'arguments');
    case 'commander.missingArgument':
    case 'commander.optionMissingArgument':
      // These name arguments and options of ours.
      return usage(message.replace(/^error: /, ''), 'arguments');
    default:
      return usage('the arguments are not those of the command', 'arguments');
  }
}

function unknownOption(text: string, more = ''): Failure {
  // With its value it could be a secret.
  const name = /^--?[A-Za-z][A-Za-z0-9-]{0,30}(?==|$)/.exec(text)?.[0];
  return usage(`${name === undefined ? 'unknown option' : `unknown option ${name}`}${more}`, 'options');
}

function usage(message: string, field: string): Failure<'ARGUMENT_INVALID'> {
  return new Failure('ARGUMENT_INVALID', message, { field });
}
