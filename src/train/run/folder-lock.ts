// One process to a run folder: two that go on with one run would write each epoch twice and take each other's checkpoints away. The lock is a file that says
// who has it, so that one that a killed process left is told from one that is held.
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RunFolderError } from './run-folder.ts';

/** The lock's file in a run folder. */
export const LOCK_FILE = 'run.lock';

/** Who holds a folder. */
interface Holder {
  pid: number;
  host: string;
  /** When that process began, as the system counts it: numbers of processes are given out again. */
  began?: string;
}

/** The lock is touched this often while it is held. */
const TOUCH_MS = 60_000;
/** On another machine no process can be looked for; there a lock that nobody touched for so long is left over. */
const SILENT_MS = 10 * TOUCH_MS;
/** A lock that is just being made is empty for a moment. */
const MAKING_MS = 5_000;

const held = new Set<string>();

/**
 * Takes a folder for this process until the function that is returned is called, or the process ends. Throws RunFolderError naming the process that has it.
 * `field` is how the folder was named: `out` or `resume`.
 */
export function lockFolder(folder: string, field: 'out' | 'resume'): () => void {
  const file = join(folder, LOCK_FILE);
  for (let again = false; ; again = true)
    try {
      take(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new RunFolderError(
          field,
          (name) => `${name(field, folder)}: nothing can be written there (${(error as Error).message})`,
        );
      const holder = holderOf(file);
      if (holder !== undefined || again)
        throw new RunFolderError(
          field,
          (name) =>
            `${name(field, folder)}: ${holder ?? 'another process'} is at work there; wait for it or stop it, or, if there is no such process, remove ${file}`,
        );
      rmSync(file, { force: true });
    }
  const touch = setInterval(() => {
    // Where the folder is gone the run says so when it writes there next.
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }, TOUCH_MS);
  touch.unref();
  const release = (): void => {
    if (!held.delete(file)) return;
    clearInterval(touch);
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  held.add(file);
  process.on('exit', release);
  return release;
}

function take(file: string): void {
  const lock = openSync(file, 'wx');
  try {
    const holder: Holder = { pid: process.pid, host: hostname(), began: beginningOf(process.pid) };
    writeSync(lock, `${JSON.stringify(holder)}\n`);
  } finally {
    closeSync(lock);
  }
}

/** Who holds a lock, in words; undefined where it is left over. */
function holderOf(file: string): string | undefined {
  const silent = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const { pid, host, began } = read(file);
  if (pid === undefined || host === undefined) return silent < MAKING_MS ? 'another process' : undefined;
  const who = `process ${pid} on ${host}`;
  if (host !== hostname()) return silent < SILENT_MS ? who : undefined;
  if (pid === process.pid) return held.has(file) ? 'this process' : undefined;
  const now = beginningOf(pid);
  const other = began !== undefined && now !== undefined && began !== now;
  return isRunning(pid) && !other ? who : undefined;
}

function read(file: string): Partial<Holder> {
  try {
    const { pid, host, began } = Object(JSON.parse(readFileSync(file, 'utf8')));
    return {
      ...(Number.isInteger(pid) && { pid }),
      ...(typeof host === 'string' && { host }),
      ...(typeof began === 'string' && { began }),
    };
  } catch {
    return {};
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The system's start and the process's, in its ticks; undefined where the system does not say (it is not Linux) or there is no such process. */
function beginningOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of the program, in parentheses, may hold anything; the start is the 22nd field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
