// What a run on images from a disk says of its loader: who waits for whom, and what was left out.
import { formatCount } from '../../report/index.ts';
import type { EpochResult, Stage } from '../stages/stage.ts';

/** Of a loader's time, what is too little to be told. */
const NOTICEABLE = 0.02;

/** Tells between two looks who waited, and of each image once that it was left out. */
export class LoadingNotes {
  private at = performance.now();
  private waited = { step: 0, workers: 0, work: 0 };
  private told = 0;
  private readonly uncountedTold = new Map<string, number>();

  /** Since the last time: `steps wait 12 %`, or `loader waits 80 %`; undefined where images come from memory. */
  whoWaits({ loading }: Pick<Stage, 'loading'>): string | undefined {
    const now = performance.now();
    const waits = loading?.waits;
    if (!waits) return undefined;
    const { at, waited } = this;
    [this.at, this.waited] = [now, waits];
    const step = (waits.step - waited.step) / (now - at);
    const [idle, work] = [waits.workers - waited.workers, waits.work - waited.work];
    if (step > NOTICEABLE) return `steps wait ${percent(step)} for images`;
    return `loader waits ${percent(idle / Math.max(1, idle + work))}`;
  }

  /** Lines for images that were left out since the last time. */
  leftOut({ loading }: Pick<Stage, 'loading'>): string[] {
    const { count, files } = loading?.odd ?? { count: 0, files: [] };
    if (count <= this.told) return [];
    const lines = files.slice(this.told).map(({ file, reason }) => `data: left out ${file}: ${reason}`);
    const more = count - this.told - lines.length;
    this.told = count;
    return more > 0 ? [...lines, `data: left out ${more} more; ${count} in all`] : lines;
  }

  /** A line for images that no accuracy counts, where their number is another than before. */
  uncounted({ phase }: Pick<Stage, 'phase'>, { leftOut = 0, validationLeftOut = 0 }: EpochResult): string[] {
    const counts = { [phase === 'search' ? 'held-out' : 'test']: leftOut, validation: validationLeftOut };
    return Object.entries(counts).flatMap(([kind, count]) => {
      if (count === 0 || count === this.uncountedTold.get(kind)) return [];
      this.uncountedTold.set(kind, count);
      return [`data: ${uncountedText(kind, count)}`];
    });
  }
}

/** What is said of images that no accuracy counts. */
export const uncountedText = (kind: string, count: number): string =>
  `${formatCount(count)} of the ${kind} images cannot be decoded and ${count === 1 ? 'counts' : 'count'} nowhere`;

const percent = (share: number): string => `${Math.round(100 * Math.min(1, Math.max(0, share)))} %`;
