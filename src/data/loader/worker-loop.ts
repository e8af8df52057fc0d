// What a thread does that makes places of batches: reads one image after the other and has it put into shared memory. It knows all that it needs, and tells the main thread
// only when a batch is whole and what went wrong.
import { parentPort, workerData } from 'node:worker_threads';
import { AstroError } from '../../gpu/index.ts';
import { ImageDecodeError } from '../errors.ts';
import { ImageSource, type SharedSource } from '../sources/image-source.ts';
import type { Decoder } from '../transform/decoders.ts';
import type { EncodedImage } from '../transform/read-rgb.ts';
import { FAILED, LEFT_OUT, type SharedSlots, type SlotLayout, Slots } from './shared-slots.ts';

/** What every plan says: the rest is for who makes the places. */
export interface WorkerPlan {
  /** What becomes of an image that cannot be decoded: another takes its place, its place stays empty, or it is an error. */
  odd: 'skip' | 'leave' | 'refuse';
}

/** What a worker is started with. */
export interface WorkerTask<Plan extends WorkerPlan = WorkerPlan> {
  worker: number;
  plan: Plan;
  decoder: Decoder;
  layout: SlotLayout;
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

/** How places are made. */
export interface PlaceMaker<Place extends { item: number }> {
  /** What stands in place `at` of batch `draw`, counted from the beginning of the run. */
  find(draw: number, at: number): Place;
  /** The image that stands in for one that cannot be decoded; `attempt` counts from 1. */
  replacement(place: Place, attempt: number): number;
  /** Puts an image into place `at` of a batch's pixels. */
  make(item: number, file: EncodedImage, place: Place, pixels: Uint8Array, at: number): Promise<void>;
}

/** Images in a row that cannot be decoded: then it is not the images. */
const MOST_TRIES = 32;

const say = (message: WorkerMessage): void => parentPort!.postMessage(message);

/** What a person is told of an error, by parts: classes do not go from thread to thread. */
function partsOf(error: unknown): { file: string; reason: string; decoding: boolean } {
  if (error instanceof ImageDecodeError) return { file: error.file, reason: error.reason, decoding: true };
  const { path = '', message } = error as Error & { path?: string };
  if (error instanceof AstroError && message.startsWith(`${path}: `))
    return { file: path, reason: message.slice(path.length + 2), decoding: false };
  throw error;
}

/** Makes places until there is nothing more to do: all that a worker's file runs. */
export async function makePlaces<Plan extends WorkerPlan, Place extends { item: number }>(
  makerOf: (plan: Plan) => PlaceMaker<Place>,
): Promise<void> {
  const { default: sharp } = await import('sharp');
  // There are as many pictures at a time as workers, so each is left to one thread; and no picture is opened twice.
  sharp.concurrency(1);
  sharp.cache(false);
  const { worker, plan, decoder, layout, source: shared, slots: memory, first } = workerData as WorkerTask<Plan>;
  const source = new ImageSource(shared);
  const slots = new Slots(layout, memory);
  const maker = makerOf(plan);

  /** Fills a place; returns the image that it has in the end, if any. */
  const fill = async (place: Place, pixels: Uint8Array, at: number): Promise<number | undefined> => {
    let { item } = place;
    for (let attempt = 1; ; attempt++)
      try {
        await maker.make(item, { name: source.nameOf(item), bytes: source.read(item), decoder }, place, pixels, at);
        return item;
      } catch (error) {
        if (!(error instanceof ImageDecodeError) || plan.odd === 'refuse') throw error;
        say({ is: 'odd', item, file: error.file, reason: error.reason });
        if (plan.odd === 'leave') {
          pixels.fill(0, at * layout.bytes, (at + 1) * layout.bytes);
          return undefined;
        }
        if (attempt === MOST_TRIES)
          throw new ImageDecodeError(error.file, `${error.reason}; ${MOST_TRIES} images one after the other were so`);
        item = maker.replacement(place, attempt);
      }
  };

  for (;;) {
    const before = performance.now();
    const { number, at } = slots.take();
    if (!slots.waitFor(number)) break;
    const begun = performance.now();
    const { pixels, labels, items, states } = slots.slot(number);
    try {
      const place = maker.find(first + number, at);
      const filled = await fill(place, pixels, at);
      items[at] = filled ?? place.item;
      labels[at] = source.label(items[at]);
      states[at] = filled === undefined ? LEFT_OUT : 0;
    } catch (error) {
      states[at] = FAILED;
      say({ is: 'failed', number, at, ...partsOf(error) });
    }
    slots.clock(worker, begun - before, performance.now() - begun);
    if (slots.finish(number)) say({ is: 'ready', number });
  }
  source.close();
}
