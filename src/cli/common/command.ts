// How every command ends: one line for what went wrong, and a list where it is many things, and an exit code that tells whose fault it was.
import { readFileSync } from 'node:fs';
import { AstroError } from '../../gpu/index.ts';
import { inFlags } from './flags.ts';
import { interruptedCode } from './interruption.ts';
import { UsageError } from './options.ts';
import { guardOutput, say, warn } from './output.ts';

export { say, warn } from './output.ts';

/** Ends with the exit code. `name` is how the command was called, for messages. */
export type Command = (args: string[], name: string) => Promise<number>;

/** The version of this package. */
export const version = (): string =>
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;

/** Says what was asked for, and that all is well. */
export function answer(text: string): 0 {
  say(text);
  return 0;
}

/** Errors of ours, and what the file system refuses (no room, no permission). */
const isForPeople = (error: unknown): error is Error =>
  error instanceof AstroError || (error instanceof Error && 'syscall' in error);

/** Runs to the end of the process: exit code 0, 1 for errors, 2 for wrong usage, after an interruption 128 and the signal's number (130: Ctrl-C); errors for people are one line, others keep their stack. */
export function runToEnd(work: Promise<number>): void {
  guardOutput();
  work.then(
    // What the last line met is told a turn later.
    (code) => setImmediate(() => process.exit(code)),
    (error) => {
      // By name: train/ loads packages that `doctor` must do without.
      if (error instanceof AstroError && error.name === 'InterruptedError') process.exit(interruptedCode());
      warn(isForPeople(error) ? inFlags(error) : (error?.stack ?? String(error)));
      if (error instanceof AstroError) for (const line of error.details) warn(`  ${line}`);
      process.exit(error instanceof UsageError ? 2 : 1);
    },
  );
}
