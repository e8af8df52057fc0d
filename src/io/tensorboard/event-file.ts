// A folder of TensorBoard event files: what one process writes goes into a file of its own, and what an earlier one wrote beyond the step that is gone on
// from is cut off, so that no step is there twice.
import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../output-path.ts';
import { type EventLine, encodeEvent, stepOf } from './event.ts';
import { encodeRecord, readRecords } from './record.ts';

const PREFIX = 'events.out.tfevents.';
/** The version from which on a reader heeds where a session starts. */
const VERSION = 'brain.Event:2';

/** Appends events to a file of its own in a folder, which TensorBoard shows as one run. Lines are buffered; flush() writes them. */
export class EventFile {
  /** The file that it appends to. */
  readonly path: string;
  /** Was there no event file in the folder before? */
  readonly first: boolean;
  private lines: Uint8Array[] = [];

  /** Makes the folder, where it is not there; keeps of earlier files what is up to `step`. File system errors as they are. */
  constructor(folder: string, step = 0) {
    makeFolder(folder);
    const earlier = eventFiles(folder);
    for (const name of earlier) cutAfter(join(folder, name), step);
    this.first = earlier.length === 0;
    this.path = newFile(folder, earlier);
    const now = Date.now() / 1000;
    this.add({ wallTime: now, fileVersion: VERSION });
    if (!this.first) this.add({ wallTime: now, step: step + 1, starts: true });
  }

  /** Keeps an event for the next flush(). */
  add(line: EventLine): void {
    this.lines.push(encodeRecord(encodeEvent(line)));
  }

  /** Writes what was added since. */
  flush(): void {
    const bytes = Buffer.concat(this.lines.splice(0));
    if (bytes.length > 0) appendFileSync(this.path, bytes);
  }
}

/** The event files of a folder, in the order in which TensorBoard reads them. */
export const eventFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .sort();

/** Cuts a file behind its last whole record of a step up to `step`; one in which nothing is left but its version goes. */
function cutAfter(path: string, step: number): void {
  let kept = 0;
  let events = 0;
  for (const { data, end } of readRecords(readFileSync(path))) {
    const at = stepOf(data);
    if (at === undefined || at > step) break;
    kept = end;
    if (at > 0) events++;
  }
  if (events > 0) truncateSync(path, kept);
  else rmSync(path);
}

/** A new file that sorts behind all earlier ones: seconds, host and process make its name. */
function newFile(folder: string, earlier: readonly string[]): string {
  const last = Math.max(0, ...earlier.map((name) => Number.parseInt(name.slice(PREFIX.length), 10) || 0));
  const host = hostname().replace(/[^\w.-]+/g, '-') || 'host';
  for (let seconds = Math.max(Math.floor(Date.now() / 1000), last + 1); ; seconds++) {
    const path = join(folder, `${PREFIX}${String(seconds).padStart(10, '0')}.${host}.${process.pid}.0`);
    try {
      closeSync(openSync(path, 'wx'));
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
