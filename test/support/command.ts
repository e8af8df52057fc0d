// Runs the built commands as a person would: a child process of its own, which can be stopped at a chosen moment.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  /** null if a signal ended it. */
  code: number | null;
  signal: string | null;
  stdout: string;
  /** Without the lines that the WebGPU implementation writes at every start. */
  stderr: string;
}

/** Steps of the newest checkpoint of a run folder; 0 if it has its config only, -1 if not even that. */
export function stepsSaved(folder: string): number {
  if (!existsSync(join(folder, 'config.json'))) return -1;
  const steps = readdirSync(folder).map((name) => Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...steps);
}

/** Runs `node bench/cifar.js` in a folder; `until` is told how to stop it. */
export const cifar = (args: string[], cwd: string, until?: (child: ChildProcess) => () => void): Promise<Ended> =>
  run('bench/cifar.js', args, cwd, { until });

/** Runs `npx astrogpu` in a folder. */
export const astrogpu = (args: string[], cwd: string, env?: NodeJS.ProcessEnv): Promise<Ended> =>
  run('dist/cli/main.js', args, cwd, { env });

/** Runs a program of the package, or another by its whole path, in the package's own folder unless told otherwise. */
export const program = (script: string, args: string[] = [], cwd = root, env?: NodeJS.ProcessEnv): Promise<Ended> =>
  run(script, args, cwd, { env });

function run(
  script: string,
  args: string[],
  cwd: string,
  { until, env }: { until?: (child: ChildProcess) => () => void; env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  const file = resolve(root, script);
  if (!existsSync(file)) throw new Error(`${script} is not built: run npm run build (npm test does)`);
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finish = until?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      finish?.();
      resolve({ code, signal, stdout, stderr: stderr.replace(/^Warning: maxDynamic.*\n/gm, '') });
    });
  });
}

/** Sends a signal, or does something else to the child, as soon as the child has written something: a checkpoint of at least this many steps, or for 0 the folder's config. */
export const signalAt =
  (folder: string, steps: number, stop: NodeJS.Signals | (() => void)) =>
  (child: ChildProcess): (() => void) => {
    const wanted = Math.max(steps, stepsSaved(folder) + 1);
    const timer = setInterval(() => {
      if (stepsSaved(folder) < wanted) return;
      clearInterval(timer);
      if (typeof stop === 'function') stop();
      else child.kill(stop);
    }, 5);
    return () => clearInterval(timer);
  };
