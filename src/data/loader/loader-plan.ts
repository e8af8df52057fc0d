// Which image stands in which place of which batch, by nothing else than seed and place: so any worker may make any place, and a run that is resumed goes on with the
// pixels that it would have had.
import { philox } from '../../tensor/index.ts';
import { epochOrder } from '../arrays/shuffle.ts';
import type { EvaluationPlan, TrainingPlan } from '../transform/plans.ts';
import type { WorkerPlan } from './worker-loop.ts';

/** What batches are made of, as plain data that workers take. */
export interface LoaderPlan extends WorkerPlan {
  /** The images, by their numbers in the source. Default all. */
  items?: Uint32Array | undefined;
  /** How many there are. */
  count: number;
  batch: number;
  /** Batches in an epoch. */
  batches: number;
  seed: number;
  shuffle: boolean;
  /** Copies of an image in a row, each augmented by itself; an epoch has as many images as without. */
  repeats: number;
  /** What becomes of an image. */
  size: number;
  training?: TrainingPlan | undefined;
  evaluation?: EvaluationPlan | undefined;
}

/** A place in a batch. */
export interface LoaderPlace {
  epoch: number;
  /** Of the image in its epoch. */
  place: number;
  item: number;
  copy: number;
}

const REPLACING = 0x5e1ec7;

/** Finds what stands in place `at` of batch `draw`, counted from the beginning of the run. */
export class LoaderPlaces {
  private readonly plan: LoaderPlan;
  private epoch = -1;
  private order: (place: number) => number = (place) => place;

  constructor(plan: LoaderPlan) {
    this.plan = plan;
  }

  /** Behind the last image of an epoch come its first ones again, where batches are filled up. */
  find(draw: number, at: number): LoaderPlace {
    const { count, batch, batches, seed, shuffle, repeats } = this.plan;
    const epoch = Math.floor(draw / batches);
    if (shuffle && epoch !== this.epoch) {
      this.epoch = epoch;
      this.order = epochOrder(count, seed, epoch);
    }
    const place = ((draw % batches) * batch + at) % count;
    return { epoch, place, item: this.itemAt(this.order(Math.floor(place / repeats))), copy: place % repeats };
  }

  private itemAt(i: number): number {
    return this.plan.items?.[i] ?? i;
  }

  /** The image that stands in for one that cannot be decoded; `attempt` counts from 1. */
  replacement({ epoch, place }: LoaderPlace, attempt: number): number {
    const { count, seed } = this.plan;
    const [word] = philox([attempt, epoch, place, 0], [seed >>> 0, REPLACING]);
    return this.itemAt(Math.floor((word / 2 ** 32) * count));
  }
}

/** How many images of a batch are there for the first time in their epoch: all, but in a last batch that is filled up. */
export function freshIn({ count, batch, batches }: LoaderPlan, draw: number): number {
  return Math.min(batch, count - (draw % batches) * batch);
}
