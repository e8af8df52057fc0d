// The images of tables and figures: CIFAR-10 in memory, or ImageNet on a disk.
import { existsSync } from 'node:fs';
import { loadImages, say, UsageError } from 'astrogpu/cli';
import {
  type DiskSet,
  diskSet,
  type ImageSet,
  type ImageSource,
  openImageSource,
  type TaskImages,
} from 'astrogpu/data';
import { describeModel } from 'astrogpu/models';
import { diskOptions, type JobConfig } from 'astrogpu/train';
import type { Options } from './options.ts';

/** What runs train and test on. */
export interface BenchImages<D extends TaskImages = TaskImages> {
  train: D;
  test: D;
  /** For what stands above the output. */
  source: string;
  standIn: boolean;
}

/** CIFAR-10 or the drawn stand-in. Throws as loadImages() does. */
export async function openCifar({ data, images, testImages }: Options): Promise<BenchImages<ImageSet>> {
  const { train, test, source, standIn } = await loadImages(data, { train: images, test: testImages }, say);
  return { train, test, source: standIn ? source : 'CIFAR-10', standIn };
}

const USUAL = 'datasets/imagenet/data';

/** ImageNet, or any images in one of its layouts. Throws UsageError where there are none, and as openImageSource() does. */
export async function openImageNet(data: string | undefined, base: JobConfig): Promise<BenchImages<DiskSet>> {
  const dir = data ?? process.env.IMAGENET_DIR ?? (existsSync(USUAL) ? USUAL : undefined);
  if (dir === undefined)
    throw new UsageError(
      'this table is of ImageNet: say where it is with --data DIR or $IMAGENET_DIR (datasets/imagenet/README.md)',
    );
  const { train, test, classes, source } = await openImageSource(dir, { log: say });
  if (!test) throw new UsageError(`${dir} has no images for testing: they belong into val/ beside train/`);
  const { size = describeModel(base.model).size } = base;
  const set = (part: 'train' | 'test', of: ImageSource) => diskSet(dir, of, classes, diskOptions(base, part, { size }));
  return { train: set('train', train), test: set('test', test), source, standIn: false };
}
