// The options of bench/kernels.
import type { Precision } from 'astrogpu/nn';
import { JOB_OPTIONS, option, optionAs, read, toggle } from 'astrogpu/train';
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
    filter: option({
      value: 'TEXT',
      read: read.text,
      help: 'only ops whose names hold TEXT, e.g. conv, "conv weight", matmul, pool',
      defaultText: 'all',
    }),
    shape: option({
      value: 'TEXT',
      read: read.text,
      help: 'only shapes or networks that hold TEXT, e.g. "3x3 64->64", 512, resnet50',
      defaultText: 'all',
    }),
    precision: optionAs(JOB_OPTIONS.precision, {
      help: 'of convolutions and products; f16 is for operands and results, sums stay in f32',
      default: 'f32',
    }),
    tune: toggle({ help: 'keep the fastest kernel of each case in .cache/tuning.json, which the other commands read' }),
    quick: toggle({ help: 'a few cases, shorter samples' }),
    ...MEASURING,
  },
} satisfies Command;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const given = parseArguments(command, args);
  const { filter = '', shape = '', tune = false, json, quick = false, help = false, version = false } = given;
  return {
    filter,
    shape,
    tune,
    precision: given.precision ?? command.options.precision.default!,
    json,
    quick,
    help,
    version,
  };
}
