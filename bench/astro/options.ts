// The options of bench/astro: the main job's network and batch by default, whatever else one wants to measure.
import { parseArgs } from 'node:util';
import { modelNames } from 'astrogpu/models';
import { UsageError } from '../peers/options.ts';
import { COMMON, checked } from '../roofline/options.ts';

export interface Options {
  model?: string;
  batch?: number;
  rounds: number;
  json?: string;
  help: boolean;
  version: boolean;
}

export const HELP = `node bench/astro.js [options]
What the astrocyte costs: an iteration of the search (one NN and one AN update) against two steps of the plain network, in the main job's configuration,
in turns within one process. Then every kernel of both, by its share. The images are noise: times do not depend on them.

  --model NAME   ${modelNames.join(', ')} (default: the main job's on this adapter)
  --batch N      images in a mini-batch (default: the main job's)
  --rounds N     measured rounds; the medians are shown (default 7)
  --json FILE    write the times, the kernels, the adapter and the versions there
  --help, --version`;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const values = checked(
    () =>
      parseArgs({
        args,
        options: {
          json: COMMON.json,
          help: COMMON.help,
          version: COMMON.version,
          model: { type: 'string' },
          batch: { type: 'string' },
          rounds: { type: 'string' },
        },
      }).values,
  );
  const { model, json, help = false, version = false } = values;
  if (model !== undefined && !modelNames.includes(model))
    throw new UsageError(`--model ${model}: takes one of ${modelNames.join(', ')}`);
  const batch = values.batch === undefined ? undefined : whole('batch', values.batch, 65536);
  return { model, batch, rounds: whole('rounds', values.rounds ?? '7', 1000), json, help, version };
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`--${name} ${text}: takes a whole number from 1 to ${most}`);
  return value;
}
