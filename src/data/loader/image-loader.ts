// Batches of images that worker threads read, decode and transform ahead of their use. Which image stands where, and what becomes of it, depends on seed, epoch and place
// alone: not on the number of workers, nor on whether the run was cut in between.
import { Worker } from 'node:worker_threads';
import { needArguments } from '../../gpu/index.ts';
import { ImageDecodeError, ImageRangeError, ImageSourceError, LoaderError } from '../errors.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { EvaluationPlan, TrainingPlan } from '../transform/plans.ts';
import { usualWorkers } from './decoder-pool.ts';
import type { WorkerMessage, WorkerTask } from './image-worker.ts';
import { freshIn, type LoaderPlan } from './loader-plan.ts';
import { FAILED, Slots } from './shared-slots.ts';

/** What batches are, and how they are made. One of `training` and `evaluation` says what becomes of an image. */
export interface ImageLoaderOptions {
  /** Images in a batch. */
  batch: number;
  /** Random crops and more, and a new order each epoch; what is left of an epoch behind the last whole batch is left out. */
  training?: TrainingPlan | undefined;
  /** The middle of each image, in the set's own order; the last batch is filled up with the first images, and says how many are its own. */
  evaluation?: EvaluationPlan | undefined;
  /** Of order, crops and all that is random. Default 0. */
  seed?: number | undefined;
  /** Whether each epoch has an order of its own. Default: for training. */
  shuffle?: boolean | undefined;
  /** Copies of each image in a row, each augmented by itself (repeated augmentation); an epoch stays as long as it was. Default 1. */
  repeats?: number | undefined;
  /** Threads. Default: as many as the machine has cores, less one. */
  workers?: number | undefined;
  /** Whole batches that are made before they are asked for. Default 2. */
  ahead?: number | undefined;
  /** What becomes of a file that is no image or a damaged one: `skip` puts another in its place and counts it, `refuse` is an error that names it. Default: skip for training, refuse for evaluation. */
  odd?: 'skip' | 'refuse' | undefined;
  /** The images to load, by their numbers in the source; in shared memory where they are many, since each thread has them. Default all. */
  items?: Uint32Array | undefined;
  /** Batches that were drawn before: a resumed run goes on behind them. Default 0. */
  draws?: number | undefined;
}

/** A batch in shared memory, until the next one is asked for. */
export interface LoadedImages {
  /** u8 [batch, size, size, 3]. */
  pixels: Uint8Array;
  /** u32 [batch]. */
  labels: Uint32Array;
  /** Numbers of the images in their source. */
  items: Uint32Array;
  /** Images, counted from the batch's beginning, that are not there only to fill up the last batch of an epoch. */
  fresh: number;
  /** From 0. */
  epoch: number;
  /** Of the batch in its epoch, from 0. */
  position: number;
}

/** Who waited for whom, in milliseconds. */
export interface LoaderWaits {
  /** The step, for batches. */
  step: number;
  /** All workers together, for room. */
  workers: number;
  /** All workers together, reading and decoding. */
  work: number;
}

/** What was left out so far. */
export interface OddImages {
  /** Different images. */
  count: number;
  /** The first of them, and why. */
  files: readonly { file: string; reason: string }[];
}

const LISTED = 20;

/**
 * Loads batches of images with worker threads. Memory: `ahead` + 1 batches of bytes, and the index of the source. close() it.
 *
 * @example
 * const { train } = await openImageSource('imagenet/');
 * const loader = new ImageLoader(train, { batch: 64, training: { size: 224 }, seed: 1 });
 * const { pixels, labels } = await loader.next();
 */
export class ImageLoader {
  readonly source: ImageSource;
  readonly plan: LoaderPlan;
  /** Threads that read and decode. */
  readonly workers: number;
  private readonly ahead: number;
  private slots: Slots | undefined;
  private threads: Worker[] = [];
  private exits: Promise<unknown>[] = [];
  /** The first batch that the threads were told to make. */
  private first = 0;
  private drawn: number;
  /** Whether the last batch is still in use. */
  private held = false;
  private waited = 0;
  private clocked = { waited: 0, worked: 0 };
  private readonly ready = new Set<number>();
  private readonly failures = new Map<string, Error>();
  private broken: Error | undefined;
  private wake: () => void = () => {};
  private readonly left = new Map<number, { file: string; reason: string }>();

  /** Workers start with the first batch. Throws ImageRangeError for a batch that the source cannot fill, and for other numbers that are none of theirs. */
  constructor(source: ImageSource, options: ImageLoaderOptions) {
    needArguments('ImageLoader', 'an object', { source, options });
    const { training, evaluation, batch, seed = 0, shuffle = training !== undefined, repeats = 1 } = options;
    const { workers = usualWorkers(), ahead = 2, odd = training ? 'skip' : 'refuse' } = options;
    const { draws = 0, items } = options;
    const count = items?.length ?? source.count;
    if ((training === undefined) === (evaluation === undefined))
      throw new ImageRangeError('a loader takes either training or evaluation: what becomes of images');
    const { size } = training ?? evaluation!;
    for (const [name, value] of Object.entries({ batch, repeats, workers, ahead, size }))
      if (!Number.isInteger(value) || value < 1)
        throw new ImageRangeError(`${name} must be a whole number from 1; it is ${value}`);
    if (count < 1 || ((training || shuffle) && batch > count))
      throw new ImageRangeError(`a batch of ${batch} cannot be drawn from ${count} images`);
    const batches = training || shuffle ? Math.floor(count / batch) : Math.ceil(count / batch);
    this.plan = {
      count,
      batch,
      batches,
      seed,
      shuffle,
      repeats,
      size,
      training,
      evaluation,
      items,
      skip: odd === 'skip',
    };
    this.source = source;
    this.workers = workers;
    this.ahead = ahead;
    this.drawn = draws;
  }

  /** Batches in an epoch. */
  get batches(): number {
    return this.plan.batches;
  }

  /** Batches given out so far: with the options all that a resumed run needs. */
  get draws(): number {
    return this.drawn;
  }

  /** Who waited for whom so far. */
  get waits(): LoaderWaits {
    const { waited = 0, worked = 0 } = this.slots?.clocked() ?? {};
    return { step: this.waited, workers: this.clocked.waited + waited, work: this.clocked.worked + worked };
  }

  /** What was left out so far. */
  get odd(): OddImages {
    return { count: this.left.size, files: [...this.left.values()].slice(0, LISTED) };
  }

  /** Goes to another place: what was made ahead is given up. */
  async seek(draws: number): Promise<void> {
    if (draws === this.drawn) return;
    await this.close();
    this.drawn = draws;
  }

  /**
   * The next batch; what the last one gave is overwritten. Throws ImageDecodeError naming an image that cannot be decoded, where those are refused or too many; ImageSourceError for
   * one that cannot be read; LoaderError for a worker that ended.
   */
  async next(): Promise<LoadedImages> {
    const slots = this.slots ?? (await this.start());
    const number = this.drawn - this.first;
    if (this.held) slots.free(number - 1);
    this.held = false;
    const begun = performance.now();
    const slot = slots.slot(number);
    await this.until(() => this.ready.has(number));
    const failed = slot.states.indexOf(FAILED);
    if (failed >= 0) {
      const key = `${number}/${failed}`;
      await this.until(() => this.failures.has(key));
      throw this.failures.get(key);
    }
    this.waited += performance.now() - begun;
    this.ready.delete(number);
    this.held = true;
    const { batches } = this.plan;
    const draw = this.drawn++;
    const { pixels, labels, items } = slot;
    const fresh = freshIn(this.plan, draw);
    return { pixels, labels, items, fresh, epoch: Math.floor(draw / batches), position: draw % batches };
  }

  /** Ends the workers, each with the image that it is at. The next batch starts new ones. */
  async close(): Promise<void> {
    const { slots } = this;
    if (!slots) return;
    slots.stop();
    for (const thread of this.threads) thread.ref();
    await Promise.all(this.exits);
    const { waited, worked } = slots.clocked();
    this.clocked.waited += waited;
    this.clocked.worked += worked;
    this.slots = undefined;
    this.held = false;
    this.threads = [];
    this.exits = [];
    this.ready.clear();
    this.failures.clear();
    this.broken = undefined;
  }

  private async start(): Promise<Slots> {
    // The main thread has to have the decoder first, or it goes with the first worker that ends.
    await import('sharp');
    const { plan, source, workers, drawn: first } = this;
    const slots = Slots.make(plan, this.ahead + 1, workers);
    this.slots = slots;
    this.first = first;
    const here = import.meta.url.replace(/[?#].*$/, '');
    const file = new URL(`./image-worker${here.slice(here.lastIndexOf('.'))}`, here);
    for (let worker = 0; worker < workers; worker++) {
      const task: WorkerTask = { worker, plan, source: source.shared, slots: slots.shared, first };
      const thread = new Worker(file, { workerData: task, name: `images ${worker}` });
      thread.on('message', (message: WorkerMessage) => this.hear(message));
      thread.on('error', (error) => this.fail(`a worker of the loader failed: ${error.message}`));
      this.exits.push(
        new Promise((resolve) =>
          thread.on('exit', (code) => {
            if (code !== 0) this.fail(`a worker of the loader ended with code ${code}`);
            resolve(code);
          }),
        ),
      );
      // It holds up nobody who is done; who waits for a batch holds it.
      thread.unref();
      this.threads.push(thread);
    }
    return slots;
  }

  private hear(message: WorkerMessage): void {
    if (message.is === 'ready') this.ready.add(message.number);
    else if (message.is === 'odd') this.left.set(message.item, { file: message.file, reason: message.reason });
    else {
      const { number, at, file, reason, decoding } = message;
      const error = decoding ? new ImageDecodeError(file, reason) : new ImageSourceError(file, reason);
      this.failures.set(`${number}/${at}`, error);
    }
    this.wake();
  }

  private fail(reason: string): void {
    this.broken ??= new LoaderError(reason);
    this.wake();
  }

  private async until(there: () => boolean): Promise<void> {
    for (const thread of this.threads) thread.ref();
    while (!there()) {
      if (this.broken) throw this.broken;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    for (const thread of this.threads) thread.unref();
  }
}
