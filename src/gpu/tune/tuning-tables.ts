// Tables of kernel choices that ship with the package, in tuning/: what was measured on adapters that we had, so that nobody has to measure there again.
import type { Choice } from './tuner.ts';

/** A file of tuning/. */
export interface TuningTable {
  /** How the keys of the adapters that it is for begin: the driver's version may differ, since a choice can only be slow, never wrong. */
  adapter: string;
  /** Where it was measured, with which commands, and when. */
  measured: { on: string; command: string; date: string }[];
  /** By job. */
  choices: Record<string, Choice>;
}

const folder = new URL('../../../tuning/', import.meta.url);
const tables: TuningTable[] = [];
let loaded: Promise<void> | undefined;

/** Reads every table: from disk in Node, over fetch in a page (with tuning/index.json, which the build writes). */
export function loadTuningTables(): Promise<void> {
  loaded ??= read();
  return loaded;
}

async function read(): Promise<void> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { readdir } = await import('node:fs/promises');
    const { fileURLToPath } = await import('node:url');
    const root = fileURLToPath(folder);
    for (const file of (await readdir(root)).sort())
      if (file.endsWith('.json') && file !== 'index.json') addTuningTable(await readTuningTable(root + file));
  } else {
    const names: string[] = await (await fetch(new URL('index.json', folder))).json();
    for (const name of names) addTuningTable(await (await fetch(new URL(name, folder))).json());
  }
}

/** The table in a file of tuning/. Node only. Throws TuningTableError for a damaged one, in one line that says where. */
export async function readTuningTable(file: string): Promise<TuningTable> {
  const { readFile } = await import('node:fs/promises');
  const { tableOf } = await import('./table-file.ts');
  return tableOf(file, await readFile(file, 'utf8'));
}

/** Registers a table of one's own beside those of the package, for tuners made from then on. */
export function addTuningTable(table: TuningTable): void {
  tables.push(table);
}

/** The shipped choices for an adapter, by its key; none where it was never measured. */
export function shippedChoices(key: string): Record<string, Choice> {
  return Object.assign({}, ...tables.filter(({ adapter }) => key.startsWith(adapter)).map(({ choices }) => choices));
}
