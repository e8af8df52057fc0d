// Which picture stands in which place of which batch, how large it is made there and whether it is mirrored, by nothing else than seed, epoch and its number: the thread that
// decodes it and the one that places its boxes both know it.
import type { WorkerPlan } from '../loader/worker-loop.ts';
import { Draws, STREAMS } from '../transform/draws.ts';
import { GroupedOrder, type OrderedBatch } from './grouped-order.ts';
import { fittingSides, paddedSide, resizedSides, type Sides } from './picture-size.ts';

/** What batches are made of, as plain data that workers take. */
export interface DetectionPlan extends WorkerPlan {
  /** Sides of each picture, [count, 2]: width and height, in shared memory. */
  sides: Uint32Array;
  batch: number;
  seed: number;
  /** Whether each epoch has an order of its own. */
  shuffle: boolean;
  /** Whether pictures that lie and others come in batches of their own. */
  grouped: boolean;
  /** Short sides to draw from. */
  short: readonly number[];
  long: number;
  /** How likely a picture is mirrored. */
  flip: number;
  /** Sides of batches are multiples of it. */
  padTo: number;
}

/** How a picture stands in its batch: at the top left. */
export interface PicturePlace extends Sides {
  flipped: boolean;
}

/** A batch before it is made. */
export interface PlannedBatch extends OrderedBatch {
  /** With the padding. */
  padded: Sides;
}

/** Finds places by the batch's number, counted from the beginning of the run. */
export class DetectionPlaces {
  private readonly plan: DetectionPlan;
  private readonly order: GroupedOrder;
  private last: { draw: number; batch: PlannedBatch } | undefined;

  constructor(plan: DetectionPlan) {
    const { sides, batch, seed, shuffle, grouped } = plan;
    this.plan = plan;
    const groups = Uint8Array.from({ length: sides.length / 2 }, (_, item) =>
      grouped && sides[2 * item] > sides[2 * item + 1] ? 0 : 1,
    );
    this.order = new GroupedOrder({ groups, batch, seed, shuffle });
  }

  /** Batches in an epoch, see GroupedOrder. */
  get batches(): number {
    return this.order.batches;
  }

  batch(draw: number): PlannedBatch {
    if (this.last?.draw === draw) return this.last.batch;
    const ordered = this.order.find(draw);
    const sides = ordered.items.map((item, at) => this.resized(item, ordered.epochs[at]));
    const batch = { ...ordered, padded: this.padded(sides) };
    this.last = { draw, batch };
    return batch;
  }

  /** How a picture stands in a batch of these sides; one that stands in for another is made to fit. */
  place(item: number, epoch: number, padded: Sides): PicturePlace {
    const { seed, flip } = this.plan;
    const flipped = new Draws({ seed, epoch, index: item }, STREAMS.flip).uniform() < flip;
    return { ...fittingSides(this.resized(item, epoch), padded), flipped };
  }

  /** The picture that stands in for one that cannot be decoded; `attempt` counts from 1. */
  replacement(item: number, epoch: number, attempt: number): number {
    const { seed, sides } = this.plan;
    return new Draws({ seed, epoch, index: item, copy: attempt }, STREAMS.standIn).below(sides.length / 2);
  }

  /** The most pixels that a batch's pictures can have each. */
  get most(): number {
    const { sides, short, long, grouped } = this.plan;
    const lying = { width: 1, height: 1 };
    const others = grouped ? { width: 1, height: 1 } : lying;
    for (let item = 0; item < sides.length / 2; item++) {
      const largest = grouped && sides[2 * item] > sides[2 * item + 1] ? lying : others;
      const made = resizedSides(this.own(item), Math.max(...short), long);
      largest.width = Math.max(largest.width, made.width);
      largest.height = Math.max(largest.height, made.height);
    }
    return Math.max(
      ...[lying, others].map((largest) => {
        const { width, height } = this.padded([largest]);
        return width * height;
      }),
    );
  }

  /** A picture's own sides. */
  own(item: number): Sides {
    const { sides } = this.plan;
    return { width: sides[2 * item], height: sides[2 * item + 1] };
  }

  private resized(item: number, epoch: number): Sides {
    const { seed, short, long } = this.plan;
    const drawn = short.length > 1 ? new Draws({ seed, epoch, index: item }, STREAMS.scale).below(short.length) : 0;
    return resizedSides(this.own(item), short[drawn], long);
  }

  private padded(all: readonly Sides[]): Sides {
    const { padTo } = this.plan;
    return {
      width: paddedSide(Math.max(...all.map(({ width }) => width)), padTo),
      height: paddedSide(Math.max(...all.map(({ height }) => height)), padTo),
    };
  }
}
