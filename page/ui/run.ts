// What is known of a training: its events as series, each bounded in length, and the newest of what changes. No element of the page in it, so that it runs anywhere.
import type { ArmId, EpochEvent, GatesEvent, Phase, ProgressEvent, Started } from '../protocol.ts';

/** A series longer than this is averaged to half, so that hours of training draw as quickly as minutes. */
const MOST_POINTS = 1000;
/** Earlier |eᵗ − eᵗ⁻¹| to keep of each arm. */
const MOST_DIFFERENCES = 8;

/** Means over a few steps, and where in the phase they stand. */
export interface Point {
  step: number;
  epoch: number;
  loss: number;
  trainAccuracy: number;
  anLoss?: number;
}

/** One arm in one phase. */
export interface Track {
  points: Point[];
  /** Of the epochs that were evaluated. */
  tested: { step: number; epoch: number; accuracy: number; loss?: number }[];
}

/** |eᵗ − eᵗ⁻¹| for each t, of one arm in the phase that it is in. */
export interface Differences {
  phase: Phase;
  /** Evenly spread over the time so far. */
  earlier: number[][];
  newest: number[];
  /** Every so many events one is kept. */
  every: number;
  seen: number;
}

export type RunEvent = ProgressEvent | EpochEvent | GatesEvent;

export class Run {
  readonly started: Started;
  /** Of the newest event. */
  phase: Phase;
  /** Of the newest event. */
  arm?: ArmId;
  progress?: ProgressEvent;
  readonly gates = new Map<ArmId, GatesEvent>();
  readonly differences = new Map<ArmId, Differences>();
  private readonly tracks = new Map<string, Track>();

  constructor(started: Started) {
    this.started = started;
    this.phase = started.searchSteps > 0 ? 'search' : 'guide';
  }

  /** Empty where nothing has come. */
  track(arm: ArmId, phase: Phase): Track {
    return this.tracks.get(`${arm} ${phase}`) ?? { points: [], tested: [] };
  }

  take(event: RunEvent): void {
    this.phase = event.phase;
    this.arm = event.arm;
    if (event.type === 'gates') this.takeGates(event);
    else this.takePoint(event);
  }

  private takePoint(event: ProgressEvent | EpochEvent): void {
    const key = `${event.arm} ${event.phase}`;
    const track = this.tracks.get(key) ?? { points: [], tested: [] };
    this.tracks.set(key, track);
    if (event.type === 'progress') {
      this.progress = event;
      const { step, epoch, loss, trainAccuracy, anLoss } = event;
      forget(track.points, step);
      // A training that went back to an earlier state will test these epochs again.
      forget(track.tested, step + 1);
      track.points.push({ step, epoch, loss, trainAccuracy, ...(anLoss !== undefined && { anLoss }) });
      if (track.points.length > MOST_POINTS) track.points = halved(track.points);
    } else if (event.accuracy !== undefined) {
      const { step, epoch, accuracy, loss } = event;
      forget(track.tested, step);
      track.tested.push({ step, epoch, accuracy, loss });
    }
  }

  private takeGates(event: GatesEvent): void {
    const { arm, phase, differences } = event;
    this.gates.set(arm, event);
    if (differences.length === 0) return;
    let history = this.differences.get(arm);
    // Another phase is another network.
    if (history?.phase !== phase) history = { phase, earlier: [], newest: differences, every: 1, seen: 0 };
    this.differences.set(arm, history);
    if (history.seen++ % history.every === 0) history.earlier.push(differences);
    history.newest = differences;
    if (history.earlier.length <= MOST_DIFFERENCES) return;
    history.earlier = history.earlier.filter((_, i) => i % 2 === 0);
    history.every *= 2;
  }
}

/** How many epochs a phase has. */
export const epochsIn = (started: Started, phase: Phase): number =>
  phase === 'search'
    ? started.searchSteps / started.searchStepsPerEpoch
    : started.guideSteps / started.guideStepsPerEpoch;

/** Drops what is of a step or later. */
function forget(series: { step: number }[], step: number): void {
  while (series.length > 0 && series.at(-1)!.step >= step) series.pop();
}

/** Means of neighbors. */
function halved(points: readonly Point[]): Point[] {
  const half: Point[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const a = points[i];
    const b = points[i + 1] ?? a;
    half.push({
      ...b,
      epoch: (a.epoch + b.epoch) / 2,
      loss: (a.loss + b.loss) / 2,
      trainAccuracy: (a.trainAccuracy + b.trainAccuracy) / 2,
      ...(a.anLoss !== undefined && b.anLoss !== undefined && { anLoss: (a.anLoss + b.anLoss) / 2 }),
    });
  }
  return half;
}
