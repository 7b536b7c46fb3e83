/**
 * What a command is: a row, from which parsing, help and completion are made.
 *
 * @module
 */
import type { Context } from '../context.ts';
import type { Given } from '../given.ts';

/** One option. It takes a value when it says what the value is called. */
export interface OptionRow {
  /** Without the dashes. */
  readonly name: string;
  /** What the value is called, `FILE` or `N`. */
  readonly value?: string;
  readonly help: string;
  /** May be given more than once, with one value each. */
  readonly repeat?: true;
  /** The values it can have, for completion and help. */
  readonly choices?: readonly string[];
  /** It names a key: a shell completes those that there are. */
  readonly completes?: 'keys';
}

/** One positional argument. */
export interface ArgumentRow {
  readonly name: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** It names a key, as above. */
  readonly completes?: 'keys';
  /** It may begin with a dash without being an option: the text of a QR code. */
  readonly text?: true;
}

/** Runs a command and gives its exit status. */
export type Run = (given: Given, context: Context) => Promise<number>;

/** A command that does something. */
export interface LeafRow {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentRow[];
  readonly options: readonly OptionRow[];
  /** Whole command lines, without `hardkey`. */
  readonly examples: readonly string[];
  /** Loaded when it runs, so that help does not wait for it. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** What a command line asks for. */
export interface Asked {
  readonly leaf: LeafRow;
  readonly given: Given;
}

/** A command that holds others. */
export interface GroupRow {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandRow[];
}

/** A command of either kind. */
export type CommandRow = LeafRow | GroupRow;
