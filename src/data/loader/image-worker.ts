// A thread that makes places of batches: reads, decodes and transforms one image after the other into shared memory. It knows all that it needs, and tells the main thread
// only when a batch is whole and what went wrong.
import { parentPort, workerData } from 'node:worker_threads';
import { AstroError } from '../../gpu/index.ts';
import { ImageDecodeError } from '../errors.ts';
import { ImageSource, type SharedSource } from '../sources/image-source.ts';
import { decodeForEvaluation, decodeForTraining } from '../transform/decode-planned.ts';
import { type LoaderPlace, LoaderPlaces, type LoaderPlan } from './loader-plan.ts';
import { FAILED, type SharedSlots, Slots } from './shared-slots.ts';

/** What a worker is started with. */
export interface WorkerTask {
  worker: number;
  plan: LoaderPlan;
  source: SharedSource;
  slots: SharedSlots;
  /** Batches drawn before. */
  first: number;
}

/** What a worker says. */
export type WorkerMessage =
  | { is: 'ready'; number: number }
  /** An image was left out. */
  | { is: 'odd'; item: number; file: string; reason: string }
  /** A place could not be filled. `decoding` tells a file that is no image from one that cannot be read. */
  | { is: 'failed'; number: number; at: number; file: string; reason: string; decoding: boolean };

/** Images in a row that cannot be decoded: then it is not the images. */
const MOST_TRIES = 32;

const { worker, plan, source: shared, slots: memory, first } = workerData as WorkerTask;
const source = new ImageSource(shared);
const slots = new Slots(plan, memory);
const places = new LoaderPlaces(plan);
const say = (message: WorkerMessage): void => parentPort!.postMessage(message);

/** Decodes an image into its place. */
async function decode(item: number, { epoch, copy }: LoaderPlace, into: Uint8Array): Promise<void> {
  const file = { name: source.nameOf(item), bytes: source.read(item) };
  if (plan.training) await decodeForTraining(file, plan.training, { seed: plan.seed, epoch, index: item, copy }, into);
  else await decodeForEvaluation(file, plan.evaluation!, into);
}

/** Fills a place; returns the image that it has in the end. */
async function fill(place: LoaderPlace, into: Uint8Array): Promise<number> {
  let item = place.item;
  for (let attempt = 1; ; attempt++)
    try {
      await decode(item, place, into);
      return item;
    } catch (error) {
      if (!(error instanceof ImageDecodeError) || !plan.skip) throw error;
      say({ is: 'odd', item, file: error.file, reason: error.reason });
      if (attempt === MOST_TRIES)
        throw new ImageDecodeError(error.file, `${error.reason}; ${MOST_TRIES} images one after the other were so`);
      item = places.replacement(place, attempt);
    }
}

/** What a person is told of an error, by parts: classes do not go from thread to thread. */
function partsOf(error: unknown): { file: string; reason: string; decoding: boolean } {
  if (error instanceof ImageDecodeError) return { file: error.file, reason: error.reason, decoding: true };
  const { path = '', message } = error as Error & { path?: string };
  if (error instanceof AstroError && message.startsWith(`${path}: `))
    return { file: path, reason: message.slice(path.length + 2), decoding: false };
  throw error;
}

async function work(): Promise<void> {
  const { default: sharp } = await import('sharp');
  // There are as many pictures at a time as workers, so each is left to one thread; and no picture is opened twice.
  sharp.concurrency(1);
  sharp.cache(false);
  const bytes = plan.size ** 2 * 3;
  for (;;) {
    const before = performance.now();
    const { number, at } = slots.take();
    if (!slots.waitFor(number)) break;
    const begun = performance.now();
    const { pixels, labels, items, states } = slots.slot(number);
    const place = places.find(first + number, at);
    try {
      items[at] = await fill(place, pixels.subarray(at * bytes, (at + 1) * bytes));
      labels[at] = source.label(items[at]);
      states[at] = 0;
    } catch (error) {
      states[at] = FAILED;
      say({ is: 'failed', number, at, ...partsOf(error) });
    }
    slots.clock(worker, begun - before, performance.now() - begun);
    if (slots.finish(number)) say({ is: 'ready', number });
  }
  source.close();
}

await work();
