/**
 * The parser, made from the tree.
 *
 * @module
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import { Failure } from 'hardkey';
import type { Context } from './context.ts';
import { isFile } from './files.ts';
import type { Given } from './given.ts';
import type { CommandRow, LeafRow, OptionRow } from './tree/command.ts';
import { TREE } from './tree/index.ts';

/** Runs one command line and gives its exit status. Throws what the command throws. */
export async function execute(args: readonly string[], context: Context, version: string): Promise<number> {
  const shown: string[] = [];
  let status = 0;
  const program = commandOf(TREE, shown, async (leaf, given) => {
    const { run } = await leaf.load();
    status = await run(given, context);
  });
  program.version(version, '-V, --version', 'print the version');
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) await context.output.write(shown.join(''));
    // A group without a command: its help, where it does not pass for a result.
    else if (error.code === 'commander.help') await context.output.note(shown.join('').trimEnd());
    else throw usageFailure(error);
    return error.exitCode === 0 ? 0 : 64;
  }
}

type Act = (leaf: LeafRow, given: Given) => Promise<void>;

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
  return command.action(() => act(row, givenOf(command, row)));
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

function givenOf(command: Command, row: LeafRow): Given {
  const values: Readonly<Record<string, unknown>> = command.opts();
  if (takesText(row)) checkTexts(command.args, row);
  const givenValue = (name: string): unknown => {
    const declared = row.options.some((option) => option.name === name);
    if (!declared) throw new Error(`--${name} is not an option of ${row.name}`);
    const value = values[attributeOf(name)];
    return name.startsWith('no-') ? value === false || undefined : value;
  };
  const list = (name: string) => (givenValue(name) ?? []) as readonly string[];
  return {
    args: command.args,
    text: (name) => list(name)[0],
    list,
    has: (name) => givenValue(name) === true,
  };
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
