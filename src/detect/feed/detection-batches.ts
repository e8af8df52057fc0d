// Batches for a detector: what the loader made is uploaded between steps into memory that batches of all sizes share, and normalized in a step's own commands. So a program
// can be captured for each size, none of them allocates, and memory is that of the largest batch.
import {
  type ChannelStats,
  type DetectionImage,
  DetectionLoader,
  type DetectionLoaderOptions,
  type LeftOutObjects,
  type LoadedDetections,
  type LoaderWaits,
  NORMALIZATIONS,
  normalizationTable,
  type OddImages,
} from '../../data/index.ts';
import { AstroError, ConfigError, type Gpu, grid1d, needArguments, params } from '../../gpu/index.ts';
import { NO_INDEX } from '../../ops/index.ts';
import { type DType, empty, keep, type Shape, type Tensor, tensor, vectorOf } from '../../tensor/index.ts';
import type { DetectionBatch } from './detection-batch.ts';

/** What batches are, and how the GPU has them. */
export interface DetectionBatchesOptions extends DetectionLoaderOptions {
  /** Mean and deviation of pixels in [0, 1], by channel. Default ImageNet's. */
  normalization?: ChannelStats | undefined;
  /** Batches that prepare() brings at once, for a step that goes through them one after the other: take() says which is the current one. Default 1. */
  parts?: number | undefined;
  /** How images are stored. Default f32. */
  dtype?: 'f32' | 'f16' | undefined;
  /** Places for objects that a batch has at least; a power of two. The more, the fewer sizes of batches there are. Default 8. */
  objects?: number | undefined;
  /** Rows at the bottom of a picture, in its own pixels, whose colors do not count. Default 10, as BoxInst. */
  bottomRows?: number | undefined;
}

/** What a batch is made of, and its size. */
export interface CurrentDetections extends Omit<LoadedDetections, 'pixels'> {
  /** Places for objects. */
  objects: number;
  /** Tells sizes apart, for whoever keeps a program for each: `height×width×objects`. */
  size: string;
}

/** Of the largest batch; those of all sizes begin where they do. */
type Memory = Record<keyof DetectionBatch, Tensor>;

/** What of a batch is uploaded. */
const UPLOADED = ['pixels', 'extents', 'colorExtents', 'boxes', 'classes'] as const;
type Uploaded = (typeof UPLOADED)[number];

/**
 * Batches of pictures and their objects, loaded by worker threads. Those of one size (height, width, places for objects) are always the same tensors; those of different sizes share their
 * memory, so that only the current one holds. Owns GPU memory and workers; release() it, which ends them, or await close().
 *
 * @example
 * const feed = new DetectionBatches(gpu, images, { batch: 2, training: {}, seed: 1 });
 * await feed.prepare();
 * feed.next(); // feed.batch.images [2, 800, 1088, 3], feed.batch.boxes [2, 16, 4]
 */
export class DetectionBatches {
  /** What prepare() brought; of several parts the one that was taken last, at first the first. */
  current: CurrentDetections | undefined;
  /** All parts that it brought. */
  private brought: CurrentDetections[] = [];
  /** Where each part waits, unless there is only one. */
  private readonly waiting: readonly Record<Uploaded, Tensor>[];
  /** Batches that prepare() brings. */
  readonly parts: number;
  private readonly gpu: Gpu;
  private readonly loader: DetectionLoader;
  private readonly least: number;
  private readonly bottomRows: number;
  private readonly memory: Memory;
  private readonly table: Tensor;
  private readonly sizes = new Map<string, DetectionBatch>();

  /** Throws as DetectionLoader does. */
  constructor(gpu: Gpu, images: readonly DetectionImage[], options: DetectionBatchesOptions) {
    needArguments('DetectionBatches', 'a Gpu', { gpu });
    const loader = new DetectionLoader(images, options);
    const { normalization = NORMALIZATIONS.imagenet, dtype = 'f32', objects = 8, bottomRows = 10, parts = 1 } = options;
    if (!(objects >= 1 && Number.isInteger(Math.log2(objects))))
      throw new ConfigError('objects', (named) => `${named('objects', `${objects}`)}: it must be a power of two`);
    if (!(Number.isInteger(parts) && parts >= 1))
      throw new ConfigError('parts', (named) => `${named('parts', `${parts}`)}: it must be a whole number from 1`);
    if (!(bottomRows >= 0))
      throw new ConfigError('bottomRows', (named) => `${named('bottomRows', `${bottomRows}`)}: it must be 0 or more`);
    this.gpu = gpu;
    this.loader = loader;
    this.least = objects;
    this.bottomRows = bottomRows;
    const { batch, mostPixels } = loader;
    const most = this.placesFor(loader.mostObjects);
    const make = (name: string, shape: Shape, type: DType = 'f32'): Tensor =>
      keep(empty(gpu, shape, `${name} of the batch`, type));
    this.memory = {
      images: make('images', [batch * mostPixels * 3], dtype),
      pixels: make('pixels', [batch * mostPixels * 3], 'u8'),
      extents: make('extents', [batch, 2], 'u32'),
      colorExtents: make('extents of colors', [batch, 2], 'u32'),
      boxes: make('boxes', [batch, most, 4]),
      classes: make('classes', [batch, most], 'u32'),
    };
    this.parts = parts;
    this.waiting = Array.from({ length: parts > 1 ? parts : 0 }, () => ({
      pixels: make('waiting pixels', [batch * mostPixels * 3], 'u8'),
      extents: make('waiting extents', [batch, 2], 'u32'),
      colorExtents: make('waiting extents of colors', [batch, 2], 'u32'),
      boxes: make('waiting boxes', [batch, most, 4]),
      classes: make('waiting classes', [batch, most], 'u32'),
    }));
    this.table = keep(tensor(gpu, normalizationTable(normalization), [3 * 256], 'normalization'));
  }

  /** The current batch. */
  get batch(): DetectionBatch {
    const { size, height, width, objects } = this.ready();
    const known = this.sizes.get(size);
    if (known) return known;
    const { batch: n } = this.loader;
    const { images, pixels, extents, colorExtents, boxes, classes } = this.memory;
    const made = {
      images: keep(images.alias([n, height, width, 3])),
      pixels: keep(pixels.alias([n, height, width, 3])),
      ...{ extents, colorExtents },
      boxes: keep(boxes.alias([n, objects, 4])),
      classes: keep(classes.alias([n, objects])),
    };
    this.sizes.set(size, made);
    return made;
  }

  /** Pictures that are loaded. */
  get count(): number {
    return this.loader.count;
  }

  /** Batches in an epoch, see DetectionLoader. */
  get batches(): number {
    return this.loader.batches;
  }

  /** Batches made ready so far: with the options all that a resumed run needs. */
  get draws(): number {
    return this.loader.draws;
  }

  /** Who waited for whom so far. */
  get waits(): LoaderWaits {
    return this.loader.waits;
  }

  /** Images that could not be had so far. */
  get odd(): OddImages {
    return this.loader.odd;
  }

  /** Of training: what of the annotations is not trained on. */
  get leftOut(): LeftOutObjects | undefined {
    return this.loader.leftOut;
  }

  /** Waits for the next batch, or its parts, and uploads it. Throws as DetectionLoader.next() does. */
  async prepare(): Promise<void> {
    this.brought = [];
    for (let i = 0; i < this.parts; i++) await this.bring();
    this.take(0);
  }

  /** Makes one of the parts that prepare() brought the current one, counted from 0. Throws AstroError for one that was not brought. */
  take(part: number): void {
    const taken = this.brought[part];
    if (!taken) throw new AstroError(`DetectionBatches: there is no part ${part} of a batch; await prepare() first`);
    this.current = taken;
  }

  private async bring(): Promise<void> {
    const { pixels, ...loaded } = await this.loader.next();
    const { height, width, pictures } = loaded;
    const objects = this.placesFor(pictures.reduce((most, { classes }) => Math.max(most, classes.length), 0));
    this.current = { ...loaded, objects, size: `${height}×${width}×${objects}` };
    const { batch } = this;
    const to = this.waiting[this.brought.length] ?? batch;
    this.brought.push(this.current);
    const upload = (name: Uploaded, values: ArrayBufferView): void => this.gpu.upload(to[name].slice, values);
    const boxes = new Float32Array(batch.boxes.size);
    const classes = new Uint32Array(batch.classes.size).fill(NO_INDEX);
    for (const [i, picture] of pictures.entries()) {
      boxes.set(picture.boxes, i * objects * 4);
      classes.set(picture.classes, i * objects);
    }
    upload('pixels', pixels);
    upload('extents', Uint32Array.from(pictures.flatMap(({ height, width }) => [height, width])));
    upload(
      'colorExtents',
      Uint32Array.from(
        pictures.flatMap(({ height, width, own }) => [
          Math.max(0, height - Math.floor((this.bottomRows * height) / own.height)),
          width,
        ]),
      ),
    );
    upload('boxes', boxes);
    upload('classes', classes);
  }

  /** prepare() for a batch by its number, counted from 0. What was loaded ahead of another one is given up. */
  async seek(draw: number): Promise<void> {
    await this.loader.seek(draw);
    await this.prepare();
  }

  /** Records what makes images of the pixels, and brings the current part to where it is looked for: part of a captured step of this size, and of this part. */
  next(): void {
    const { batch } = this;
    const { images, pixels, extents } = batch;
    const from = this.waiting[this.brought.indexOf(this.ready())];
    if (from)
      for (const name of UPLOADED) {
        const words = batch[name].bytes / 4;
        this.gpu.run({
          shader: 'feed/take',
          bindings: [from[name].slice, batch[name].slice],
          params: params(words),
          grid: grid1d(Math.ceil(words / 64)),
          cost: { flops: 0, bytes: 8 * words },
          label: 'take a part',
        });
      }
    const { height, width } = this.ready();
    const words = pixels.size / 4;
    this.gpu.run({
      shader: 'feed/normalize_pictures',
      types: { X: vectorOf(images.dtype) },
      bindings: [pixels, extents, this.table, images].map(({ slice }) => slice),
      params: params(height, width, words),
      grid: grid1d(Math.ceil(words / 64)),
      cost: { flops: 0, bytes: pixels.bytes + images.bytes },
      label: 'normalize pictures',
    });
  }

  /** Ends the workers; the next batch would start new ones. */
  close(): Promise<void> {
    return this.loader.close();
  }

  /** Gives back the memory of all sizes and ends the workers, without waiting for their last pictures. */
  release(): void {
    for (const batch of this.sizes.values()) for (const view of Object.values(batch)) view.release();
    for (const memory of [this.memory, ...this.waiting, { table: this.table }])
      for (const owned of Object.values(memory)) owned.release();
    // Nobody waits for their last pictures.
    void this.close();
  }

  private ready(): CurrentDetections {
    if (this.current === undefined)
      throw new AstroError('DetectionBatches: there is no batch yet; await prepare() first');
    return this.current;
  }

  /** Places for so many objects. */
  private placesFor(objects: number): number {
    return Math.max(this.least, 2 ** Math.ceil(Math.log2(Math.max(1, objects))));
  }
}
