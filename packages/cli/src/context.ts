/**
 * What a command runs in.
 *
 * @module
 */
import type { Environment } from './environment.ts';
import type { Output } from './output.ts';

/** What reaching keys takes. */
export interface Surroundings {
  readonly environment: Environment;
  /** Whether somebody is there to be asked: secrets are typed at the terminal itself. */
  readonly interactive: boolean;
}

/** The surroundings of one command. */
export interface Context extends Surroundings {
  readonly output: Output;
  /** Runs another command line and gives its exit status. Throws what the command throws. */
  readonly execute: (args: readonly string[], output: Output) => Promise<number>;
}
