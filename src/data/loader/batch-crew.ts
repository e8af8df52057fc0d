// Worker threads that fill batches ahead of their use, whatever these are made of: who loads images of one size and who loads pictures with objects has such a crew.
import { Worker } from 'node:worker_threads';
import { ImageDecodeError, ImageRangeError, ImageSourceError, LoaderError } from '../errors.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { Decoder } from '../transform/decoders.ts';
import { needDecoder } from '../transform/turbo-jpeg.ts';
import { usualWorkers } from './decoder-pool.ts';
import { FAILED, type Slot, type SlotLayout, Slots } from './shared-slots.ts';
import type { WorkerMessage, WorkerPlan, WorkerTask } from './worker-loop.ts';

/** How many threads there are, what they decode with, and how far they go ahead. */
export interface CrewOptions {
  /** Threads. Default: as many as the machine has cores, less one. */
  workers?: number | undefined;
  /** Whole batches that are made before they are asked for. Default 2. */
  ahead?: number | undefined;
  /** Of JPEGs: `turbo` is the system's libjpeg-turbo, which the package koffi calls, in less time than `sharp` takes. Default sharp. */
  decoder?: Decoder | undefined;
  /** Batches that were drawn before: a resumed run goes on behind them. Default 0. */
  draws?: number | undefined;
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

/** What a crew makes, and of what. */
export interface CrewTask {
  /** The module that its workers run: it calls makePlaces(). */
  file: URL;
  /** Plain data for it. */
  plan: WorkerPlan;
  layout: SlotLayout;
  source: ImageSource;
}

const LISTED = 20;

/** The module of a worker that lies beside another: `.ts` or `.js`, as that is. */
export function workerFile(name: string, beside: string): URL {
  const here = beside.replace(/[?#].*$/, '');
  return new URL(`./${name}${here.slice(here.lastIndexOf('.'))}`, here);
}

/** Memory: `ahead` + 1 batches of bytes, and the index of the source. close() it. */
export class BatchCrew {
  /** Threads that read and decode. */
  readonly workers: number;
  private readonly task: CrewTask;
  private readonly decoder: Decoder;
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
  /** How often it was closed: who waited for a batch then is told. */
  private closings = 0;
  /** While workers end. */
  private closing: Promise<void> | undefined;
  private readonly left = new Map<number, { file: string; reason: string }>();

  /** Workers start with the first batch. Throws ImageRangeError for numbers of workers and batches that are none. */
  constructor(task: CrewTask, options: CrewOptions) {
    const { workers = usualWorkers(), decoder = 'sharp', ahead = 2, draws = 0 } = options;
    for (const [name, value] of Object.entries({ workers, ahead }))
      if (!Number.isInteger(value) || value < 1)
        throw new ImageRangeError(`${name} must be a whole number from 1; it is ${value}`);
    this.task = task;
    this.decoder = decoder;
    this.workers = workers;
    this.ahead = ahead;
    this.drawn = draws;
  }

  /** Batches given out so far. */
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
   * The next batch and its number; what the last one gave is overwritten. Throws ImageDecodeError naming an image that cannot be decoded, where those are refused or too many;
   * ImageSourceError for one that cannot be read; LoaderError for a worker that ended, and where it is closed before the batch is there; ConfigError, at first, for a decoder that is not there.
   */
  async next(): Promise<{ slot: Slot; draw: number }> {
    const { closings } = this;
    await this.closing;
    const slots = this.slots ?? (await this.start(closings));
    const number = this.drawn - this.first;
    if (this.held) slots.free(number - 1);
    this.held = false;
    const begun = performance.now();
    const slot = slots.slot(number);
    await this.until(() => this.ready.has(number), closings);
    const failed = slot.states.indexOf(FAILED);
    if (failed >= 0) {
      const key = `${number}/${failed}`;
      await this.until(() => this.failures.has(key), closings);
      throw this.failures.get(key);
    }
    this.waited += performance.now() - begun;
    this.ready.delete(number);
    this.held = true;
    return { slot, draw: this.drawn++ };
  }

  /** Ends the workers, each with the image that it is at; a batch that is waited for does not come. The next one starts new workers. */
  close(): Promise<void> {
    this.closings++;
    this.wake();
    this.closing ??= this.end().finally(() => {
      this.closing = undefined;
    });
    return this.closing;
  }

  private async end(): Promise<void> {
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

  private async start(closings: number): Promise<Slots> {
    const { file, plan, layout, source } = this.task;
    const { workers, decoder, drawn: first } = this;
    // The main thread has to have the decoders first, or they go with the first worker that ends.
    await Promise.all([needDecoder('sharp'), needDecoder(decoder)]);
    this.needOpen(closings);
    const slots = Slots.make(layout, this.ahead + 1, workers);
    this.slots = slots;
    this.first = first;
    for (let worker = 0; worker < workers; worker++) {
      const task: WorkerTask = { worker, plan, decoder, layout, source: source.shared, slots: slots.shared, first };
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

  private needOpen(closings: number): void {
    if (closings !== this.closings) throw new LoaderError('the loader was closed while a batch of it was waited for');
  }

  private async until(there: () => boolean, closings: number): Promise<void> {
    for (const thread of this.threads) thread.ref();
    while (!there()) {
      if (this.broken) throw this.broken;
      this.needOpen(closings);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    for (const thread of this.threads) thread.unref();
  }
}
