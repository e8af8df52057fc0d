// Where the numbers of a draw come from: a seed, a stream of it, and a counter on the GPU that goes on with every draw. What is drawn depends on these alone, so that a
// captured step draws anew at each replay, and a resumed run draws as if it had never stopped.
import { type Gpu, needArguments, needFields, params } from '../../gpu/index.ts';
import { drawnOnce, empty, keep, type Tensor, TensorError, zeros } from '../../tensor/index.ts';

/** What the numbers of one draw are keyed by. */
export interface RandomOptions {
  seed: number;
  /** Tells apart what is drawn under one seed: initialization, dropout of layer 3, ... */
  stream: number;
  /** u32 [1], what changes from step to step. Default: 0. */
  counter?: Tensor;
}

/** A seed and a stream of it, each a whole number from 0 to 2³² − 1. */
export interface RandomSeed {
  seed: number;
  /** Default 0. */
  stream?: number;
}

/** Throws ArgumentError where seed or stream is missing, TensorError for a counter that is not u32. */
export function checkRandom(op: string, random: RandomOptions): void {
  needFields(op, 'random', random, { seed: 'a whole number', stream: 'a whole number' });
  const { counter } = random;
  if (counter && counter.dtype !== 'u32')
    throw new TensorError(`${op}: the counter ${counter.label} is ${counter.dtype}, it must be u32`);
}

/**
 * A stream of random numbers, whose place is on the GPU: each draw takes the next of its keys, whether it is recorded, replayed, or one of several in a step.
 *
 * @example
 * const random = new RandomState(gpu, { seed: 1 });
 * const y = dropout(x, { p: 0.1, random });
 */
export class RandomState {
  /** Where its counter lies. */
  readonly gpu: Gpu;
  /** Numbers of different seeds have nothing to do with each other. */
  readonly seed: number;
  /** Nor do those of different streams of one seed. */
  readonly stream: number;
  /** u32, draws so far at `at`. */
  readonly counters: Tensor;
  private readonly at: number;

  /** With `counters`, u32 [n], it counts at place `at` of them, which somebody else owns. */
  constructor(gpu: Gpu, key: RandomSeed, counters?: Tensor, at = 0) {
    needArguments('RandomState', 'a Gpu', { gpu });
    needFields('RandomState', 'key', key, { seed: 'a whole number' });
    const { seed, stream = 0 } = key;
    this.gpu = gpu;
    this.seed = seed;
    this.stream = stream;
    this.counters = counters ?? keep(zeros(gpu, [1], 'draws', 'u32'));
    this.at = at;
  }

  /** The key of the next draw, whose `counter` the caller releases: for randomUniform and the like. One dispatch. */
  next(): Required<RandomOptions> {
    return { seed: this.seed, stream: this.stream, counter: drawnOnce(() => taken(this.counters, this.at, 1)) };
  }

  /** What a checkpoint has to hold: `draws`. */
  state(): Map<string, Tensor> {
    return new Map([['draws', this.counters]]);
  }

  /** Frees its counter. */
  release(): void {
    this.counters.release();
  }
}

/** What keys a draw whose numbers are drawn again later, whatever becomes of the counter until then; the caller releases `counter`. */
export function keyOf(gpu: Gpu, random: RandomState | RandomOptions): Required<RandomOptions> {
  if (random instanceof RandomState) return random.next();
  const { seed, stream, counter } = random;
  return { seed, stream, counter: drawnOnce(() => (counter ? taken(counter, 0, 0) : zeros(gpu, [1], 'key', 'u32'))) };
}

/** A counter as it is, u32 [1]; it then goes on by `by`. */
function taken(counters: Tensor, at: number, by: number): Tensor {
  const key = empty(counters.gpu, [1], 'key', 'u32');
  counters.gpu.run({
    shader: 'random/draw',
    bindings: [counters.slice, key.slice],
    params: params(at, by),
    grid: [1],
    cost: { flops: 0, bytes: 12 },
    label: 'draw',
  });
  return key;
}
