// The options of bench/astro: the main job's network and batch by default, whatever else one wants to measure.
import { count, oneOf } from 'astrogpu/cli';
import { modelNames } from 'astrogpu/models';
import { type Command, MEASURING, parseArguments } from '../common/options.ts';

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
    "What the astrocyte costs: an iteration of the search (one NN and one AN update) against two steps of the plain network, in the main job's configuration,",
    'in turns within one process. Then every kernel of both, by its share. The images are noise: times do not depend on them.',
  ],
  options: {
    model: {
      value: 'NAME',
      help: `${modelNames.join(', ')} (default: the main job's on this adapter)`,
      parse: oneOf(...modelNames),
    },
    batch: { value: 'N', help: "images in a mini-batch (default: the main job's)", parse: count(1, 65536) },
    rounds: { value: 'N', help: 'measured rounds; the medians are shown (default 7)', parse: count(1, 1000) },
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { model, batch, rounds = 7, json, help = false, version = false } = parseArguments(command, args);
  return { model, batch, rounds, json, help, version };
}
