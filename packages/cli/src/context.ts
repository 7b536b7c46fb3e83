/**
 * What a command runs in.
 *
 * @module
 */
import type { Environment } from './environment.ts';
import type { Output } from './output.ts';

/** The surroundings of one command. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  /** Whether somebody is there to be asked: secrets are typed at the terminal itself. */
  readonly interactive: boolean;
  /** Runs another command line and gives its exit status. */
  readonly execute: (args: readonly string[], output: Output) => Promise<number>;
}
