// Files of kernel choices, those that ship and those that were measured here, read through schemas. Loaded when there is a file to read: `doctor` starts without
// the schemas' package. Node only.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { checked, isRecord, parseJson } from '../checked.ts';
import { TuningTableError } from '../device/errors.ts';
import type { Choice } from './tuner.ts';
import type { TuningTable } from './tuning-tables.ts';

const record = <T extends v.GenericSchema>(value: T) =>
  v.pipe(v.custom<Record<string, unknown>>(isRecord, 'an object'), v.record(v.string(), value));

const CHOICES = record(v.looseObject({ name: v.string(), ms: record(v.number()) }));
const TABLE = v.looseObject({
  adapter: v.string(),
  measured: v.array(v.looseObject({ on: v.string(), command: v.string(), date: v.string() })),
  choices: CHOICES,
});

const read = <S extends v.GenericSchema>(file: string, text: string, schema: S): v.InferOutput<S> => {
  const refuse = (reason: string): TuningTableError => new TuningTableError(file, reason);
  return checked(schema, parseJson(text, refuse), refuse);
};

/** What the tuner keeps: by adapter, the choices by job. Throws TuningTableError. */
export const choicesOf = (file: string, text: string): Record<string, Record<string, Choice>> =>
  read(file, text, record(CHOICES));

/** A table as it ships. Throws TuningTableError. */
export const tableOf = (file: string, text: string): TuningTable => read(file, text, TABLE);

/** The table in a file. Throws TuningTableError. */
export const readTable = async (file: string): Promise<TuningTable> => tableOf(file, await readFile(file, 'utf8'));

/** What the tuner keeps in a file; nothing where there is no file yet. Throws TuningTableError. */
export async function readChoices(file: string): Promise<Record<string, Record<string, Choice>>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new TuningTableError(file, `it cannot be read (${error.message})`);
  });
  return text === undefined ? {} : choicesOf(file, text);
}

/** Writes what the tuner keeps, whole or not at all. */
export async function writeChoices(
  file: string,
  table: Readonly<Record<string, Readonly<Record<string, Choice>>>>,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, `${JSON.stringify(table, null, 1)}\n`);
  await rename(`${file}.part`, file);
}
