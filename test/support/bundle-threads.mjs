// Lets worker threads run a file of src/ as it is: vitest translates what tests import, but threads are started by Node. The file that a thread begins with becomes one
// program with all that it imports, once for all threads of this process, since that takes less time than to translate file by file.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';

/** Removed by ./settle.ts. */
const folder = join(tmpdir(), `astrogpu-threads-${process.pid}`);

if (!isMainThread) register(import.meta.url);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const input = fileURLToPath(url);
  const kept = join(folder, basename(input, '.ts'));
  if (!existsSync(kept)) {
    const { rolldown } = await import('rolldown');
    const program = await rolldown({ input, external: /^[^./]/, platform: 'node' });
    const own = `${kept}.${threadId}`;
    await program.write({ format: 'esm', file: own });
    renameSync(own, kept);
  }
  return { format: 'module', source: readFileSync(kept), shortCircuit: true };
}
