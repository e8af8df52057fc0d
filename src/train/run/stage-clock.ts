// The times of a running stage: what it took in all, what its arm is said to have taken, how fast the images of an epoch and of a row of metrics went, and how many
// steps may go by before the queue is looked into again.
import type { Gpu } from '../../gpu/index.ts';
import { type ArmTime, addTime, noTime } from './arm-time.ts';
import type { JobState } from './job-state.ts';

/** The queue is looked into about this often: rarely enough to cost nothing, often enough for a live display and a prompt Ctrl-C. */
const LOOK_MS = 150;
const MOST_STEPS_BETWEEN_LOOKS = 64;

interface Mark {
  at: number;
  images: number;
}

export class StageClock {
  private readonly gpu: Gpu;
  private readonly state: JobState;
  private readonly time: ArmTime;
  private began = performance.now();
  private looked = this.began;
  private spent: { at: number; compiled: number };
  private epoch: Mark;
  private row: Mark;
  private unseen = 0;
  private stride = 1;
  /** When a checkpoint was last written. */
  private saved = this.began;

  /** `images` counts what was worked through so far, as in all calls. The seconds of `state` go on from where they are. */
  constructor(gpu: Gpu, state: JobState, images: number) {
    this.gpu = gpu;
    this.state = state;
    state.time ??= noTime();
    this.time = state.time;
    this.spent = { at: this.began, compiled: gpu.kernelsMade };
    this.epoch = { at: this.began, images };
    this.row = this.epoch;
  }

  /** A step was given to the queue. Is it time to look? */
  step(): boolean {
    return ++this.unseen >= this.stride;
  }

  /** Seconds since the last checkpoint. */
  get sinceSaved(): number {
    return (performance.now() - this.saved) / 1000;
  }

  /** The queue is empty. */
  look(): void {
    const now = performance.now();
    const wanted = Math.round((this.unseen * LOOK_MS) / (now - this.looked));
    this.stride = Math.max(1, Math.min(MOST_STEPS_BETWEEN_LOOKS, wanted));
    this.looked = now;
    this.spend('steps', this.unseen);
    this.unseen = 0;
    this.tick();
  }

  /** Brings the seconds of the stage up to now. */
  tick(): void {
    const now = performance.now();
    this.state.seconds += (now - this.began) / 1000;
    this.began = now;
  }

  /** Images a second since the last row of metrics, which ends at the last look; the next one begins. */
  endRow(images: number): number {
    const speed = this.speed(this.row, images);
    this.row = { at: performance.now(), images };
    return speed;
  }

  /** Images a second in the epoch up to the last look. */
  epochSpeed(images: number): number {
    return this.speed(this.epoch, images);
  }

  /** The evaluation after an epoch is done. */
  evaluated(): void {
    this.spend('ends', 1);
  }

  /** A checkpoint was written, whose time is nobody's. */
  wrote(images: number): void {
    this.saved = performance.now();
    this.spent.at = this.saved;
    this.row = { at: this.saved, images };
  }

  /** The next epoch begins. */
  startEpoch(images: number): void {
    this.epoch = { at: performance.now(), images };
    this.row = this.epoch;
    this.looked = this.epoch.at;
  }

  private speed(since: Mark, images: number): number {
    return ((images - since.images) * 1000) / (this.looked - since.at);
  }

  private spend(kind: keyof ArmTime, count: number): void {
    const now = { at: performance.now(), compiled: this.gpu.kernelsMade };
    addTime(this.time[kind], count, (now.at - this.spent.at) / 1000, now.compiled > this.spent.compiled);
    this.spent = now;
  }
}
