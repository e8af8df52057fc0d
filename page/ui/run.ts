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
  /** Means of `every` events, the last of `inLast`. */
  points: Point[];
  every: number;
  inLast: number;
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
    return this.tracks.get(`${arm} ${phase}`) ?? emptyTrack();
  }

  take(event: RunEvent): void {
    this.phase = event.phase;
    this.arm = event.arm;
    if (event.type === 'gates') this.takeGates(event);
    else this.takePoint(event);
  }

  private takePoint(event: ProgressEvent | EpochEvent): void {
    const key = `${event.arm} ${event.phase}`;
    const track = this.tracks.get(key) ?? emptyTrack();
    this.tracks.set(key, track);
    if (event.type === 'progress') {
      this.progress = event;
      const { step, epoch, loss, trainAccuracy, anLoss } = event;
      forget(track.points, step);
      // A training that went back to an earlier state will test these epochs again.
      forget(track.tested, step + 1);
      append(track, { step, epoch, loss, trainAccuracy, ...(anLoss !== undefined && { anLoss }) });
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

const emptyTrack = (): Track => ({ points: [], every: 1, inLast: 1, tested: [] });

/** How many epochs a phase has. */
export const epochsIn = (started: Started, phase: Phase): number =>
  phase === 'search'
    ? started.searchSteps / started.searchStepsPerEpoch
    : started.guideSteps / started.guideStepsPerEpoch;

/** Drops what is of a step or later. */
function forget(series: { step: number }[], step: number): void {
  while (series.length > 0 && series.at(-1)!.step >= step) series.pop();
}

/** Takes a point in: into the last one while that has had less than its share, else behind it. */
function append(track: Track, point: Point): void {
  const { points } = track;
  if (track.inLast < track.every && points.length > 0) {
    points.push(mean(points.pop()!, track.inLast, point, 1));
    track.inLast++;
  } else {
    points.push(point);
    track.inLast = 1;
  }
  if (points.length <= MOST_POINTS) return;
  // An odd one, of fewer, stays the last.
  const odd = points.length % 2 === 1;
  track.points = points.flatMap((one, i) =>
    i % 2 === 1 ? [mean(points[i - 1], 1, one, 1)] : odd && i === points.length - 1 ? [one] : [],
  );
  track.inLast = odd ? track.inLast : track.every + track.inLast;
  track.every *= 2;
}

/** Of n and m points, as one that ends where the later ends. */
function mean(a: Point, n: number, b: Point, m: number): Point {
  const of = (x: number, y: number): number => (x * n + y * m) / (n + m);
  return {
    step: b.step,
    epoch: of(a.epoch, b.epoch),
    loss: of(a.loss, b.loss),
    trainAccuracy: of(a.trainAccuracy, b.trainAccuracy),
    ...(a.anLoss !== undefined && b.anLoss !== undefined && { anLoss: of(a.anLoss, b.anLoss) }),
  };
}
