// How every command of bench/ begins and ends: its arguments in, one line for what went wrong out, and an exit code that tells whose fault it was.
import { commandLine, runToEnd, sayAnyhow } from 'astrogpu/cli';
import { InterruptedError } from 'astrogpu/train';

/**
 * Runs `main` to the end of the process, with the arguments and the command as it was typed; exit codes are runToEnd's. After Ctrl-C it says how to go on.
 * `name` is how the command is called, `node bench/tables.js`.
 */
export function runCommand(name: string, main: (args: string[], typed: string) => Promise<void>): void {
  const args = process.argv.slice(2);
  const typed = commandLine(name, args);
  const told = main(args, typed).catch((error) => {
    if (error instanceof InterruptedError) sayAnyhow(`${error.message}; go on with: ${typed}`);
    throw error;
  });
  runToEnd(told.then(() => 0));
}
