// The options of bench/kernels.
import { parseArgs } from 'node:util';
import type { Precision } from 'astrogpu/nn';
import { UsageError } from '../peers/options.ts';
import { COMMON, checked } from '../roofline/options.ts';

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

export const HELP = `node bench/kernels.js [options]
Every kernel that the ops offer on this adapter, on the shapes of ResNet18/34/50, DenseNet-BC-100-12, the astrocyte's UNet and ViT-B/16: compared with the plain
kernel first, then timed on random data, and read against this adapter's measured ceilings. On a software adapter batches are cut so that the
whole takes minutes; the shapes say so.

  --filter TEXT  only ops whose names hold TEXT, e.g. conv, "conv weight", matmul, pool
  --shape TEXT   only shapes or networks that hold TEXT, e.g. "3x3 64->64", 512, resnet50
  --precision P  of convolutions and products: f32 (default), or f16 operands and results with f32 sums
  --tune         keep the fastest kernel of each case in .cache/tuning.json, which the other commands read
  --json FILE    write ceilings, rows, adapter and versions there
  --quick        a few cases, shorter samples
  --help, --version`;

/** Throws UsageError. */
export function parseOptions(args: string[]): Options {
  const values = checked(
    () =>
      parseArgs({
        args,
        options: {
          ...COMMON,
          filter: { type: 'string' },
          shape: { type: 'string' },
          tune: { type: 'boolean' },
          precision: { type: 'string' },
        },
      }).values,
  );
  const { filter = '', shape = '', tune = false, json, quick = false, help = false, version = false } = values;
  const { precision = 'f32' } = values;
  if (precision !== 'f32' && precision !== 'f16') throw new UsageError(`--precision ${precision}: takes f32 or f16`);
  return { filter, shape, tune, precision, json, quick, help, version };
}
