// The options of bench/astro: the main job's network and batch by default, whatever else one wants to measure.
import { JOB_OPTIONS, optionAs } from 'astrogpu/train';
import { type Command, MEASURING, parseArguments, ROUNDS } from '../common/options.ts';

export interface Options {
  model?: string;
  batch?: number;
  rounds: number;
  json?: string;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/astro.js',
  about: [
    "What the astrocyte costs: an iteration of the search (one NN and one AN update) against two steps of the plain network, in the main job's configuration by the paper's readings,",
    'in turns within one process. Then every kernel of both, by its share. The images are noise: times do not depend on them.',
  ],
  options: {
    model: optionAs(JOB_OPTIONS.model, { help: 'the task network', defaultText: "the main job's on this adapter" }),
    batch: optionAs(JOB_OPTIONS.batch, { help: 'images in a mini-batch', defaultText: "the main job's" }),
    rounds: ROUNDS,
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { model, batch, rounds = ROUNDS.default, json, help = false, version = false } = parseArguments(command, args);
  return { model, batch, rounds, json, help, version };
}
