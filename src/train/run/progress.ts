// Shows how far a run is: one line redrawn on a terminal, plain lines now and then where there is none (a log file, a CI).
import { formatDuration, formatNumber, formatPercent } from '../../report/index.ts';
import { progressLine } from './progress-line.ts';

/** Where a run stands. */
export interface ProgressState {
  arm?: string;
  phase: string;
  /** The running epoch, from 1, and how many there are; absent where steps are not counted by epochs. */
  epoch?: number;
  epochs?: number;
  /** Steps done in this epoch, or in all. */
  step: number;
  steps: number;
  /** Images worked through since the display was made; the speed is read from it. */
  images: number;
  /** The part of the whole job that is done, 0..1; time left is read from it. */
  done: number;
  /** Images a second, where the caller knows better: of a whole epoch, without the evaluation after it. */
  speed?: number;
  /** Of images from a disk: who waits for whom. */
  loading?: string;
  /** Losses by name: `loss`, `AN loss`. */
  losses?: Record<string, number | undefined>;
  /** Accuracies by name, 0..1: `accuracy` on what is trained on, `test accuracy`. */
  accuracies?: Record<string, number | undefined>;
}

/** Where and how often progress is written. */
export interface ProgressOptions {
  /** Where to write; default standard error. */
  stream?: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  /** The clock, in milliseconds. */
  now?: () => number;
  /** The least time between two plain lines, in seconds; default 5. */
  every?: number;
}

const REDRAW_MS = 100;
const SPEED_WINDOW_MS = 10_000;

/** A progress display. Call `update` as often as wanted (it limits itself), `endEpoch` after each epoch, and `close` at the end. */
export class Progress {
  /** Whether a line can be redrawn: on a terminal that is more than a typewriter (`TERM=dumb`). */
  readonly interactive: boolean;
  readonly #stream: NonNullable<ProgressOptions['stream']>;
  readonly #now: () => number;
  readonly #interval: number;
  readonly #began: number;
  #firstDone: number | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;
  #speedMarks: { at: number; images: number }[];

  constructor({ stream = process.stderr, now = () => performance.now(), every = 5 }: ProgressOptions = {}) {
    this.#stream = stream;
    this.#now = now;
    this.interactive = stream.isTTY === true && process.env.TERM !== 'dumb';
    this.#interval = this.interactive ? REDRAW_MS : every * 1000;
    this.#began = now();
    this.#speedMarks = [{ at: this.#began, images: 0 }];
  }

  /** Shows the state, unless something was shown a moment ago. */
  update(state: ProgressState): void {
    const now = this.#now();
    this.#mark(now, state);
    if (now - this.#shownAt < this.#interval) return;
    this.#shownAt = now;
    if (this.interactive) this.#draw(this.#describe(state, true));
    else this.#stream.write(`${this.#describe(state, false)}\n`);
  }

  /** Leaves a line for the epoch that ended; it stays on a terminal too. */
  endEpoch(state: ProgressState): void {
    this.#shownAt = this.#now();
    this.#mark(this.#shownAt, state);
    this.print(this.#describe(state, false));
    this.#speedMarks = [{ at: this.#shownAt, images: state.images }];
  }

  /** Prints a line of text without tearing the bar apart. */
  print(text: string): void {
    this.close();
    this.#stream.write(`${text}\n`);
  }

  /** Takes the bar away. */
  close(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[2K');
    this.#drawn = false;
  }

  #draw(text: string): void {
    this.#stream.write(`\r\u001b[2K${text}`);
    this.#drawn = true;
  }

  #mark(now: number, { images, done }: ProgressState): void {
    this.#firstDone ??= done;
    this.#speedMarks.push({ at: now, images });
    while (this.#speedMarks.length > 2 && now - this.#speedMarks[1]!.at > SPEED_WINDOW_MS) this.#speedMarks.shift();
  }

  #describe(state: ProgressState, bar: boolean): string {
    const { arm, phase, epoch, epochs, step, steps, speed, loading, losses = {}, accuracies = {}, done } = state;
    const parts = {
      arm,
      phase,
      epoch: epoch === undefined ? undefined : `${epoch}/${epochs}`,
      steps: `${step}/${steps}`,
      filled: bar ? step / Math.max(1, steps) : undefined,
      speed: `${formatSpeed(speed ?? this.#imagesPerSecond())} images/s`,
      loading,
      losses: known(losses, formatNumber),
      accuracies: known(accuracies, (value) => formatPercent(value, 1)),
      left: `${formatDuration(this.#secondsLeft(done))} left`,
    };
    // The last column is left free: some terminals begin a new line at once when it is filled.
    return progressLine(parts, this.#stream.isTTY ? (this.#stream.columns || 80) - 1 : undefined);
  }

  #imagesPerSecond(): number {
    const first = this.#speedMarks[0]!;
    const last = this.#speedMarks.at(-1)!;
    return last.at > first.at ? ((last.images - first.images) * 1000) / (last.at - first.at) : Number.NaN;
  }

  /** From the pace of this process alone: what an earlier one did before a resume does not count. */
  #secondsLeft(done: number): number {
    const gained = done - this.#firstDone!;
    const elapsed = (this.#now() - this.#began) / 1000;
    if (done >= 1) return 0;
    return gained > 0 ? (elapsed * (1 - done)) / gained : Number.NaN;
  }
}

/** Each that is known, as text. */
const known = (
  values: Record<string, number | undefined>,
  format: (value: number) => string,
): [name: string, value: string][] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, format(value)]]));

function formatSpeed(speed: number): string {
  if (!Number.isFinite(speed)) return '?';
  return speed < 100 ? speed.toFixed(1) : speed.toFixed(0);
}
