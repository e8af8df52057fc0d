// The tables in tuning/, for Node; the build for pages has them in a module in place of this one (build/browser.mjs).
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readTable } from './table-file.ts';
import type { TuningTable } from './tuning-tables.ts';

/** Every table that ships, in the order of the files. Throws TuningTableError. */
export async function shippedTables(): Promise<TuningTable[]> {
  const root = fileURLToPath(new URL('../../../tuning/', import.meta.url));
  const files = (await readdir(root)).filter((file) => file.endsWith('.json') && file !== 'index.json');
  return Promise.all(files.sort().map((file) => readTable(root + file)));
}
