// How every command ends: one line for what went wrong, and an exit code that tells whose fault it was.
import { readFileSync } from 'node:fs';
import { AstroError } from '../gpu/index.ts';
import { InterruptedError } from '../train/index.ts';
import { UsageError } from './options.ts';

/** Ends with the exit code. `name` is how the command was called, for messages. */
export type Command = (args: string[], name: string) => Promise<number>;

/** Of this package. */
export const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

export const say = (line: string): void => console.log(line);

/** Says what was asked for, and that all is well. */
export function answer(text: string): 0 {
  say(text);
  return 0;
}

/** Writes a line to standard error. */
export const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Runs to the end of the process: exit code 0, 1 for errors, 2 for wrong usage, 130 after Ctrl-C; errors of ours are one line, others keep their stack. */
export function runToEnd(work: Promise<number>): void {
  work.then(
    (code) => process.exit(code),
    (error) => {
      if (error instanceof InterruptedError) process.exit(130);
      warn(error instanceof AstroError ? error.message : error.stack);
      process.exit(error instanceof UsageError ? 2 : 1);
    },
  );
}
