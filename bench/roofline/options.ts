// The options of bench/roofline, and what bench/kernels shares with them. Bad input is one line that names the option.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../peers/options.ts';

export interface Options {
  json?: string;
  quick: boolean;
  help: boolean;
  version: boolean;
}

export const HELP = `node bench/roofline.js [options]
Measures what this adapter can do at the most: multiply-adds in f32, f16 and on the matrix units, memory, workgroup memory, and what a dispatch costs.
Every probe's result is checked. Let nothing else run meanwhile.

  --json FILE    write the ceilings, the adapter and the versions there
  --quick        shorter samples, smaller buffers
  --help, --version`;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const {
    json,
    quick = false,
    help = false,
    version = false,
  } = checked(() => parseArgs({ args, options: COMMON }).values);
  return { json, quick, help, version };
}

/** The options that every measuring command takes. */
export const COMMON = {
  json: { type: 'string' },
  quick: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Calls `values`, a parseArgs, and turns what it throws into a UsageError; a --json that cannot be written is one too. */
export function checked<T extends { json?: string }>(values: () => T): T {
  let given: T;
  try {
    given = values();
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; see --help`);
  }
  if (given.json !== undefined) checkFile(given.json);
  return given;
}

/** A file that cannot be written should show before the measuring, not after it. */
function checkFile(file: string): void {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UsageError(`--json ${file}: the folder ${folder} is not there or cannot be written`);
  }
  if (file === '' || statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--json ${file}: takes the name of a file`);
}
