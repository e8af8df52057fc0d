// How a run is stopped from outside: Ctrl-C, the signals of batch systems, containers and closed terminals, and output that nobody reads anymore all save
// what was reached.
import { onReaderGone, warn, warnAnyhow } from './output.ts';

/** Exit codes as shells count them: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** As of a program that SIGPIPE ends. */
const READER_GONE = 141;
/** Within this, a second Ctrl-C is the first one again: a terminal sends it to npx as well, which passes it on. */
const ECHO_MS = 300;

let code: number = SIGNALS.SIGINT;

/** The exit code of a run that was stopped. */
export const interruptedCode = (): number => code;

/** Aborted by the first thing that stops a run, which then saves; a second Ctrl-C ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let asked = 0;
  const stop = (by: number, why: string): void => {
    if (controller.signal.aborted) return;
    code = by;
    asked = performance.now();
    warn(`\n${why}stopping after this step, and saving (Ctrl-C again: at once, without saving)`);
    controller.abort();
  };
  for (const [name, by] of Object.entries(SIGNALS))
    process.on(name, () => {
      const again = name === 'SIGINT' && controller.signal.aborted && performance.now() - asked > ECHO_MS;
      if (again) process.exit(by);
      stop(by, name === 'SIGINT' ? '' : `${name}: `);
    });
  onReaderGone((unread) => {
    if (unread > 1) stop(READER_GONE, '');
    else warnAnyhow('part of the output has no reader anymore; the run goes on (Ctrl-C stops and saves it)');
  });
  return controller.signal;
}
