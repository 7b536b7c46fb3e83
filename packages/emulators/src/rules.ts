/**
 * Rules of a service: each a row with its answer and the documentation that says so, and a note of the rules
 * that were seen to act, by which the tests prove that none is untested.
 *
 * @module
 */

/** One rule: what a call that breaks it gets, and where the service says so. */
export interface Rule<Status> {
  readonly status: Status;
  readonly source: string;
}

/** A rule with its name, and whether it has acted. */
export interface RuleReport {
  readonly rule: string;
  readonly status: string | number;
  readonly source: string;
  readonly acted: boolean;
}

/** Which rules of a table have acted since the emulator started. */
export interface RuleBook<Name extends string> {
  note(name: Name): void;
  report(): readonly RuleReport[];
}

/** A rule book over a table, in which nothing has acted. */
export function createRuleBook<Name extends string>(
  table: Readonly<Record<Name, Rule<string | number>>>,
): RuleBook<Name> {
  const acted = new Set<Name>();
  return {
    note: (name) => {
      acted.add(name);
    },
    report: () =>
      (Object.entries(table) as [Name, Rule<string | number>][]).map(([rule, row]) => ({
        rule,
        ...row,
        acted: acted.has(rule),
      })),
  };
}
