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

const tables: TuningTable[] = [];
let loaded: Promise<void> | undefined;

/** Reads every table, once: from disk in Node; the build for pages has them in the module in its place. */
export function loadTuningTables(): Promise<void> {
  loaded ??= import('./shipped-tables.ts').then(async ({ shippedTables }) => {
    for (const table of await shippedTables()) addTuningTable(table);
  });
  return loaded;
}

/** The table in a file of tuning/. Node only. Throws TuningTableError for a damaged one, in one line that says where. */
export async function readTuningTable(file: string): Promise<TuningTable> {
  const { readTable } = await import('./table-file.ts');
  return readTable(file);
}

/** Registers a table of one's own beside those of the package, for tuners made from then on. */
export function addTuningTable(table: TuningTable): void {
  tables.push(table);
}

/** The shipped choices for an adapter, by its key; none where it was never measured. */
export function shippedChoices(key: string): Record<string, Choice> {
  return Object.assign({}, ...tables.filter(({ adapter }) => key.startsWith(adapter)).map(({ choices }) => choices));
}
