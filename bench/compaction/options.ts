// The options of bench/compaction.
import { JOB_OPTIONS, option, optionAs, read } from 'astrogpu/train';
import { type Command, listOf, MEASURING, parseArguments, ROUNDS } from '../common/options.ts';

/** What is cut, and how it is timed. */
export interface Cuts {
  gate: 'filter' | 'channel';
  group: number;
  keep: number[];
  multiple: number[];
  noGate: string[];
  batch: number;
  rounds: number;
  seed: number;
}

export interface Options extends Cuts {
  models: string[];
  json?: string;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/compaction.js',
  about: [
    'How much faster networks become by compaction: groups of channels are drawn, as many of each layer, and the whole network and what is left of it are timed in turns, with',
    'the spread of the times. Nothing is trained: time does not depend on which channels go.',
  ],
  options: {
    model: option({
      value: 'NAME,…',
      read: listOf(JOB_OPTIONS.model.read!),
      help: 'networks',
      default: ['resnet-small'],
    }),
    gate: option({
      value: 'KIND',
      read: read.oneOf(['filter', 'channel']),
      help: 'what has a gate',
      default: 'filter',
    }),
    group: option({
      value: 'N',
      read: read.whole(1, 4096),
      help: 'channels side by side that go together',
      default: 4,
    }),
    keep: option({
      value: 'X,…',
      read: listOf(read.number(0, 1, { without: 'low' })),
      help: 'parts of the groups that stay, a row each',
      default: [0.75, 0.5, 0.25],
    }),
    multiple: option({
      value: 'N,…',
      read: listOf(read.whole(1, 1024)),
      help: 'what compaction fills the channels of a layer up to, a row each',
      default: [4],
    }),
    noGate: optionAs(JOB_OPTIONS.noGate, { help: 'layers left whole, e.g. conv1,fc', default: [] }),
    batch: option({ value: 'N', read: read.whole(1, 4096), help: 'images in a batch', default: 32 }),
    rounds: option({ ...ROUNDS, help: `${ROUNDS.help}, with their intervals`, default: 21 }),
    seed: option({ value: 'N', read: read.whole(), help: 'of what is drawn', default: 1 }),
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const given = parseArguments(command, args);
  const { options } = command;
  return {
    models: given.model ?? options.model.default,
    gate: given.gate ?? options.gate.default,
    group: given.group ?? options.group.default,
    keep: given.keep ?? options.keep.default,
    multiple: given.multiple ?? options.multiple.default,
    noGate: given.noGate ?? [],
    batch: given.batch ?? options.batch.default,
    rounds: given.rounds ?? options.rounds.default,
    seed: given.seed ?? options.seed.default,
    json: given.json,
    help: given.help ?? false,
    version: given.version ?? false,
  };
}
