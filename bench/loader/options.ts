// The options of bench/loader.
import { availableParallelism } from 'node:os';
import { UsageError } from 'astrogpu/cli';
import { DECODERS, type Decoder } from 'astrogpu/data';
import { option, type Reader, read, toggle } from 'astrogpu/train';
import { type Command, MEASURING, parseArguments, ROUNDS } from '../common/options.ts';

export interface Options {
  data: string;
  workers: number[];
  batch: number;
  batches: number;
  size: number;
  floats: boolean;
  decoder: Decoder;
  rounds: number;
  json?: string;
  help: boolean;
  version: boolean;
}

/** Numbers of threads, with commas between. */
const threads: Reader<number[]> = (given, field) => given.split(',').map((text) => read.whole(1, 256)(text, field));

export const command = {
  name: 'node bench/loader.js',
  about: [
    'How many images a second are read, decoded, cropped at random, resized and mirrored by the number of workers, beside torchvision (ImageFolder, Pillow, DataLoader) with',
    'the same transforms, in turns on the same cores; torchvision where a Python with it is found ($PYTHON, python3).',
  ],
  options: {
    data: option({ value: 'DIR', read: read.text, help: 'images as openImageSource() takes them (needed)' }),
    workers: option({
      value: 'N,N',
      read: threads,
      help: 'numbers of workers, one row each',
      defaultText: 'doubling, up to the number of cores',
    }),
    batch: option({ value: 'N', read: read.whole(1, 4096), help: 'images in a batch', default: 32 }),
    batches: option({ value: 'N', read: read.whole(1, 100_000), help: 'batches in a round', default: 20 }),
    size: option({ value: 'N', read: read.whole(8, 4096), help: 'sides of the images', default: 224 }),
    floats: toggle({
      help: 'torchvision gives normalized floats, as networks are usually given, and not bytes as ours',
    }),
    decoder: option({
      value: 'NAME',
      read: read.oneOf(DECODERS),
      help: 'what decodes JPEGs on our side; turbo is libjpeg-turbo called by the package koffi',
      default: 'sharp',
    }),
    rounds: ROUNDS,
    ...MEASURING,
  },
} satisfies Command;

/** 1, 2, 4 … and the number of cores. */
function doubling(): number[] {
  const most = availableParallelism();
  const counts = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const { help = false, version = false, data = '', ...given } = parseArguments(command, args);
  if (!data && !help && !version) throw new UsageError('--data names the images to load; it is missing');
  const { batch = 32, batches = 20, size = 224, rounds = ROUNDS.default, floats = false, json } = given;
  const { workers = doubling(), decoder = 'sharp' } = given;
  return { data, workers, batch, batches, size, floats, decoder, rounds, json, help, version };
}
