// One way for every check to say what it found, so that `npm run check` reads the same from top to bottom.

/** Prints the problems, or the sentence that says what was checked, and sets the exit status. */
export function report(problems: readonly string[], checked: string): void {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error(`${problems.length} problem${problems.length > 1 ? 's' : ''}`);
  else console.log(checked);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
