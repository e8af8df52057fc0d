// The options of bench/kernels.
import { oneOf } from 'astrogpu/cli';
import type { Precision } from 'astrogpu/nn';
import { type Command, MEASURING, parseArguments } from '../common/options.ts';

export interface Options {
  filter: string;
  shape: string;
  tune: boolean;
  precision: Precision;
  json?: string;
  quick: boolean;
  help: boolean;
  version: boolean;
}

export const command = {
  name: 'node bench/kernels.js',
  about: [
    "Every kernel that the ops offer on this adapter, on the shapes of ResNet18/34/50, DenseNet-BC-100-12, the astrocyte's UNet and ViT-B/16: compared with the plain",
    "kernel first, then timed on random data, and read against this adapter's measured ceilings. On a software adapter batches are cut so that the",
    'whole takes minutes; the shapes say so.',
  ],
  options: {
    filter: { value: 'TEXT', help: 'only ops whose names hold TEXT, e.g. conv, "conv weight", matmul, pool' },
    shape: { value: 'TEXT', help: 'only shapes or networks that hold TEXT, e.g. "3x3 64->64", 512, resnet50' },
    precision: {
      value: 'P',
      help: 'of convolutions and products: f32 (default), or f16 operands and results with f32 sums',
      parse: oneOf('f32', 'f16'),
    },
    tune: { help: 'keep the fastest kernel of each case in .cache/tuning.json, which the other commands read' },
    quick: { help: 'a few cases, shorter samples' },
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const given = parseArguments(command, args);
  const { filter = '', shape = '', tune = false, json, quick = false, help = false, version = false } = given;
  return { filter, shape, tune, precision: given.precision ?? 'f32', json, quick, help, version };
}
