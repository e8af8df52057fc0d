// All that a detector's training needs, opened: images with their objects, the network, batches, and what measures it. So that commands say what they want, and no more.
import {
  type ChannelStats,
  type CocoImage,
  type CocoSet,
  cocoNotes,
  loadCoco,
  NORMALIZATIONS,
  needDecoder,
  trainingObjects,
} from '../../data/index.ts';
import { ConfigError } from '../../gpu/index.ts';
import { describeModel } from '../../models/index.ts';
import { DetectionBatches } from '../feed/detection-batches.ts';
import type { Detection } from '../infer/detections.ts';
import type { Finder } from '../infer/find.ts';
import { measureDetector, SHOWN_SCORE } from '../infer/measure.ts';
import { BoxInst } from '../model/box-inst.ts';
import { type Category, saveDetector } from '../model/detector-file.ts';
import { loadBackbone, readBackbone } from '../model/weights.ts';
import { DetectorJob, type DetectorJobOptions } from './job.ts';
import type { Evaluation } from './job-state.ts';
import type { TrainerOptions } from './trainer.ts';

/** What a run is opened with. */
export interface DetectorRunOptions extends Pick<TrainerOptions, 'gpu' | 'config' | 'programBudget'> {
  /** The folder of COCO's images and instances. */
  data: string;
  /** Threads that read and decode images. Default: one less than cores. */
  workers?: number;
  /** Told what a person should hear: what is missing, what is left out. */
  log: (line: string) => void;
}

/** What a job is told besides what the run knows. */
export type RunJobOptions = Pick<
  DetectorJobOptions,
  'folder' | 'progress' | 'signal' | 'checkpointEvery' | 'logEvery' | 'tensorboard'
>;

/** An image that was measured on, with what was found there. */
export interface MeasuredImage {
  image: CocoImage;
  found: readonly Detection[];
}

/** Images that the report shows. */
const SHOWN = 8;

/** A run that is open. release() it. */
export interface DetectorRun {
  detector: BoxInst;
  /** Of micro-batches. */
  feed: DetectionBatches;
  categories: readonly Category[];
  /** For reports. */
  data: { source: string; trainImages: number; testImages: number; sameImages: boolean };
  job(options: RunJobOptions): DetectorJob;
  /** Some images as the last evaluation saw them, or now where this process made none. */
  shown(): Promise<readonly MeasuredImage[]>;
  /** Writes the detector, with what images and classes it is for. */
  save(file: string): Promise<void>;
  release(): void;
}

/** Opens a run. Throws as loadCoco(), needDecoder(), readBackbone() and DetectionBatches do, and ConfigError for options that the data or the adapter cannot serve. */
export async function openDetectorRun(options: DetectorRunOptions): Promise<DetectorRun> {
  const { gpu, config, workers } = options;
  const { precision, seed, batch, microBatch, short, long, testShort, pad, noFlip, noGroups, decoder } = config;
  if (precision === 'f16' && !gpu.capabilities.f16)
    throw new ConfigError(
      'precision',
      (name) =>
        `${name('precision', 'f16')}: this adapter has no f16 (feature shader-f16); take ${name('precision', 'f32')}`,
    );
  if (decoder) await needDecoder(decoder);
  const { train, test, same, categories, testCategories, source } = await imagesOf(options);
  const { detector, normalization } = detectorOf(options, categories.length);
  const feed = new DetectionBatches(gpu, train, {
    batch: microBatch,
    parts: batch / microBatch,
    training: { short, long, flip: noFlip ? 0 : 0.5 },
    seed,
    workers,
    decoder,
    padTo: pad,
    grouped: !noGroups,
    normalization,
    dtype: precision,
  });
  const use = {
    categories,
    preprocessing: { normalization, shortSide: testShort, longSide: long, padTo: pad },
  };
  const finder: Finder & { categories: readonly Category[] } = { gpu, detector, ...use };
  const shown: MeasuredImage[] = [];
  let told = false;
  const measure = async (images: readonly CocoImage[], signal?: AbortSignal): Promise<Omit<Evaluation, 'step'>> => {
    shown.length = 0;
    const onImage = (image: CocoImage, found: readonly Detection[]): void => {
      if (shown.length < SHOWN) shown.push({ image, found: found.filter(({ score }) => score >= SHOWN_SCORE) });
    };
    const set = { images, categories: testCategories };
    const { box, mask, filledBoxes, unlikeBoxes, skipped } = await measureDetector(finder, set, { onImage, signal });
    if (skipped.length > 0 && !told)
      options.log(`data: ${skipped.length} of ${images.length} test images are not measured on: ${skipped[0].message}`);
    told ||= skipped.length > 0;
    return { box, mask, filledBoxes, unlikeBoxes };
  };
  return {
    detector,
    feed,
    categories: use.categories,
    data: { source, trainImages: train.length, testImages: test.length, sameImages: same },
    shown: async () => {
      if (shown.length === 0) await measure(test.slice(0, SHOWN));
      return shown;
    },
    job: (own) =>
      new DetectorJob({ ...options, ...own, model: detector, feed, evaluate: () => measure(test, own.signal) }),
    save: (file) => saveDetector(file, detector, use),
    release: () => {
      feed.release();
      detector.release();
    },
  };
}

/** The images of a run. */
interface RunImages {
  train: readonly CocoImage[];
  test: readonly CocoImage[];
  /** Is it one list that is both? */
  same: boolean;
  categories: CocoSet['categories'];
  /** Those of the test images, which may be others, or in another order. */
  testCategories: CocoSet['categories'];
  source: string;
}

/** Reads both parts. Throws as loadCoco() does, and ConfigError where no image has an object. */
async function imagesOf({ config, data, log }: DetectorRunOptions): Promise<RunImages> {
  const { images, testImages } = config;
  const train = await loadCoco(data, { part: 'train', masks: false });
  const test = await loadCoco(data, { part: 'val' });
  const same = test.images.length === train.images.length && test.images[0].file === train.images[0].file;
  for (const line of [...cocoNotes(train), ...(same ? [] : cocoNotes(test))]) log(`data: ${line}`);
  const useful = train.images.filter((image) => trainingObjects(image).length > 0).slice(0, images);
  if (useful.length === 0)
    throw new ConfigError('data', (name) => `${name('data', data)}: no image has an object that could be learned`);
  const chosen = new Set(useful.map(({ file }) => file));
  const tests = same ? test.images.filter(({ file }) => chosen.has(file)) : test.images;
  const { categories, source } = train;
  return {
    train: useful,
    test: tests.slice(0, testImages),
    ...{ same, categories, testCategories: test.categories, source },
  };
}

/** The network of a configuration, with memory: on the backbone of a file, or from random values. Throws as readBackbone() does. */
function detectorOf(
  { gpu, config }: DetectorRunOptions,
  classes: number,
): { detector: BoxInst; normalization: ChannelStats } {
  const { backbone: file, model, width, channels, towers, maskChannels, freeze, trainNorms, seed, precision } = config;
  const backbone = file === undefined ? undefined : readBackbone(file, model);
  const detector = new BoxInst({
    backbone: backbone?.graph ?? describeModel(model, { width }),
    ...{ classes, channels, towers, maskChannels, freezeAt: freeze, freezeNorm: !trainNorms },
  }).to(gpu, seed, { precision });
  if (backbone) loadBackbone(detector, backbone.dict);
  return { detector, normalization: backbone?.normalization ?? NORMALIZATIONS.imagenet };
}
