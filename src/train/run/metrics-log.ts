// Where the rows of a run go: metrics.jsonl, and TensorBoard's event files where they are wanted. Rows gather in memory and are written together, always
// before a checkpoint, so that a file never lacks what a checkpoint stands behind.
import { join } from 'node:path';
import { EventFile } from '../../io/index.ts';
import type { Histogram, MetricRow } from '../../report/index.ts';
import { appendMetrics, metricsPath } from './run-folder.ts';

/** Rows that are held at most, and for how long. */
const MOST_ROWS = 100;
const MOST_MS = 2000;

/** Where TensorBoard's files of a run lie, a folder for each phase of an arm. */
export const tensorboardPath = (folder: string): string => join(folder, 'tensorboard');

/** What TensorBoard calls a column, and of which rows it is taken. */
const TAGS: Record<string, [tag: string, level: MetricRow['level']]> = {
  loss: ['loss/training', 'step'],
  anLoss: ['loss/astrocyte', 'step'],
  evalLoss: ['loss/evaluation', 'epoch'],
  trainAccuracy: ['accuracy/training', 'step'],
  accuracy: ['accuracy/evaluation', 'epoch'],
  validationAccuracy: ['accuracy/validation', 'epoch'],
  lr: ['learning_rate/network', 'step'],
  anLr: ['learning_rate/astrocyte', 'step'],
  imagesPerSecond: ['speed/images_per_second', 'step'],
  gateMean: ['gates/mean', 'epoch'],
  sparsity: ['gates/sparsity', 'epoch'],
};

/** The rows of one stage. flush() it before a checkpoint and at the end. */
export class MetricsLog {
  private readonly path: string;
  private readonly events?: EventFile;
  private rows: MetricRow[] = [];
  private since = 0;

  /** `earlier` are the rows that the folder has of this arm's phase, `step` is the last of their steps that stays; `tensorboard` says that event files are written. */
  constructor(
    folder: string,
    { arm, phase }: Pick<MetricRow, 'arm' | 'phase'>,
    tensorboard?: { step: number; earlier: readonly MetricRow[] },
  ) {
    this.path = metricsPath(folder);
    if (!tensorboard) return;
    const name = `${phase}-${arm}`.replace(/\W+/g, '-');
    this.events = new EventFile(join(tensorboardPath(folder), name), tensorboard.step);
    // A run that is given them when it is resumed has them from its beginning.
    if (this.events.first) for (const row of tensorboard.earlier) this.events.add(eventOf(row));
  }

  /** Keeps a row for the next time that lines are written, and the histograms by name for TensorBoard. */
  add(row: MetricRow, histograms: Record<string, Histogram | undefined> = {}): void {
    this.rows.push(row);
    this.events?.add({
      ...eventOf(row),
      histograms: new Map(Object.entries(histograms).flatMap(([name, of]) => (of ? [[name, of]] : []))),
    });
    const now = performance.now();
    if (this.rows.length === 1) this.since = now;
    if (this.rows.length >= MOST_ROWS || now - this.since > MOST_MS) this.flush();
  }

  /** Writes what gathered. */
  flush(): void {
    // In this order: what the event files have beyond metrics.jsonl is cut off when the run is resumed, what they lack would not come back.
    this.events?.flush();
    appendMetrics(this.path, ...this.rows.splice(0));
  }
}

/** A row as TensorBoard has it. Rows of earlier versions, which say no level, give all that they have. */
function eventOf(row: MetricRow) {
  const { level, step, time } = row;
  const scalars = new Map<string, number>();
  for (const [name, value] of Object.entries(row)) {
    const [tag, of] = /^e\d+$/.test(name) ? [`regulation/${name}`, level] : (TAGS[name] ?? []);
    if (tag !== undefined && typeof value === 'number' && (level === undefined || level === of))
      scalars.set(tag, value);
  }
  return { wallTime: (time === undefined ? Date.now() : Date.parse(time)) / 1000, step, scalars };
}
