// Standard output and standard error as a long job needs them: a full disk, a closed terminal or a reader that went away (`| head`) costs lines, never the work.

type Output = NodeJS.WriteStream;

/** Streams that took no line when they were last given one. */
const broken = new Set<Output>();
/** Streams whose other end was closed. */
const unread = new Set<Output>();
const listeners = new Set<(unread: number) => void>();
let guarded = false;

/** From here on an error of either stream is noted in place of ending the process. */
export function guardOutput(): void {
  if (guarded) return;
  guarded = true;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const first = !broken.has(stream);
      broken.add(stream);
      if (first && stream === process.stdout && error.code !== 'EPIPE')
        warn(
          `standard output takes nothing (${error.code ?? error.message}): what it was to show is lost from here on`,
        );
      if (error.code !== 'EPIPE' || unread.has(stream)) return;
      unread.add(stream);
      for (const listener of listeners) listener(unread.size);
    });
}

/** Calls `listener` when a reader of the output has gone, also where it went before, with how many of the two streams nobody reads anymore. */
export function onReaderGone(listener: (unread: number) => void): void {
  guardOutput();
  listeners.add(listener);
  if (unread.size > 0) listener(unread.size);
}

function write(stream: Output, text: string): void {
  guardOutput();
  try {
    stream.write(text);
  } catch {
    broken.add(stream);
  }
}

/** Writes a line to standard output. */
export const say = (line: string): void => write(process.stdout, `${line}\n`);

/** Writes a line to standard error. */
export const warn = (line: string): void => write(process.stderr, `${line}\n`);

/** Writes a line of warning to the stream that is left: to standard output where standard error takes nothing anymore. So a reader that has gone is met there, too. */
export const warnAnyhow = (line: string): void => (broken.has(process.stderr) ? say : warn)(line);

/** Writes a line that must not be lost, such as how to go on: to standard error where standard output takes nothing anymore. */
export const sayAnyhow = (line: string): void => (broken.has(process.stdout) ? warn : say)(line);
