// Random numbers of one image: a pure function of seed, epoch and the image's index, so that which worker draws them, when, and in what order the images
// come changes nothing, and a run resumed in mid-epoch sees the same pixels.
import { philox } from '../../tensor/index.ts';

/** What random numbers are keyed by. */
export interface DrawKey {
  seed: number;
  epoch: number;
  /** Of the image in its set; of the step, for what is decided by batch. */
  index: number;
  /** Which of several copies of an image in one epoch, with repeated augmentation. Default 0. */
  copy?: number;
}

/** A stream for each decision, so that a new one moves no other. */
export const STREAMS = {
  crop: 0x0c40,
  flip: 0x0f11,
  interpolation: 0x01e7,
  randAugment: 0x0a06,
  erasing: 0x0e4a,
  mixing: 0x0312,
  scale: 0x05ca,
  standIn: 0x057d,
} as const;

/** The numbers of one decision, in order. */
export class Draws {
  private readonly key: readonly [number, number];
  private readonly counter: readonly [number, number, number];
  private words: readonly number[] = [];
  private drawn = 0;

  constructor({ seed, epoch, index, copy = 0 }: DrawKey, stream: number) {
    this.key = [seed >>> 0, stream];
    this.counter = [epoch >>> 0, index >>> 0, copy >>> 0];
  }

  /** In [0, 1). */
  uniform(): number {
    const place = this.drawn++ & 3;
    if (place === 0) this.words = philox([(this.drawn - 1) >>> 2, ...this.counter], this.key);
    return this.words[place] / 2 ** 32;
  }

  /** A whole number from 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Normal, by Box and Muller's method: one of the two that it makes. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
