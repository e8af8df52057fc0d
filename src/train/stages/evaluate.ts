// Accuracy on a set of images, and the recalibration of batch-norm statistics that must come before it: running averages lag while gates move.
import type { NetworkGates } from '../../astro/index.ts';
import { type ImageBatchSource, ImageDecodeError, type ImageFeed } from '../../data/index.ts';
import { halving, needArguments, OutOfMemoryError } from '../../gpu/index.ts';
import { fittingBatch, type Network } from '../../models/index.ts';
import { EVAL, type Loss, TRAIN } from '../../nn/index.ts';
import { countCorrect, slice } from '../../ops/index.ts';
import { keep, noGrad, permutation, scope, type Tensor } from '../../tensor/index.ts';
import type { EpochResult } from './stage.ts';
import { lossOf } from './updates.ts';

/** Batches that recalibration averages over. */
const RECALIBRATION_BATCHES = 8;

/** Runs `fn` with the regulator's committed gates, or plainly. */
const underGates = <T>(regulator: NetworkGates | undefined, fn: () => T): T => (regulator ? regulator.gated(fn) : fn());

/** What an image is taken for: the class whose logit is largest, and the probability that the network gives it. */
export interface Prediction {
  /** Position in the set. */
  image: number;
  label: number;
  probability: number;
}

/** The largest logit's class, and its part of the softmax. */
function firstOf(logits: Float32Array): { label: number; probability: number } {
  const label = logits.reduce((best, logit, i) => (logit > logits[best] ? i : best), 0);
  return { label, probability: 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - logits[label]), 0) };
}

/** Rows of a batch that count, as stretches without those that are left out: a batch of whole images is one. */
function countedRows(count: number, leftOut: readonly number[] = []): [from: number, to: number][] {
  return [-1, ...leftOut].flatMap((before, i): [number, number][] => {
    const [from, to] = [before + 1, leftOut[i] ?? count];
    return from < to ? [[from, to]] : [];
  });
}

/** Some rows of a tensor; all of them are the tensor itself. */
const rowsOf = (x: Tensor, from: number, to: number): Tensor =>
  to - from === x.shape[0] ? x : slice(x, [from, ...x.shape.slice(1).fill(0)], [to - from, ...x.shape.slice(1)]);

/** How a network did on the images of a set. */
export type EvaluationScore = Required<Pick<EpochResult, 'accuracy' | 'loss'>> & Pick<EpochResult, 'leftOut'>;

/** What an evaluation runs; its graph says how many images fit. */
export type Evaluated = Pick<Network, 'forward'> & Partial<Pick<Network, 'graph'>>;

/** Counts correct answers over the whole of one set, a batch at a time; made once and used after every epoch. */
export class Evaluator {
  /** The images. They go on being the caller's. */
  readonly data: ImageFeed;
  /** Images at once, where they fit. */
  private batch: number;
  private streams: { stream: ImageBatchSource; batches: number }[] = [];

  /** `batch` is the most that are taken at once: fewer where a network's values would not fit. */
  constructor(data: ImageFeed, batch: number) {
    needArguments('Evaluator', 'an object', { data });
    this.data = data;
    this.batch = Math.min(batch, data.count);
  }

  /** Does `work` with streams of as many images at once as fit. */
  private fitting<T>({ graph }: Evaluated, work: () => Promise<T>): Promise<T> {
    const { gpu } = this.data;
    return halving(graph ? fittingBatch(gpu, graph, this.batch) : this.batch, (size) => {
      this.arrange(size);
      return work();
    });
  }

  private arrange(size: number): void {
    const { data } = this;
    if (this.streams.length > 0 && size === this.batch) return;
    this.release();
    this.batch = size;
    const whole = Math.floor(data.count / size);
    const order = Uint32Array.from({ length: data.count }, (_, i) => i);
    const part = (list: Uint32Array, size: number, batches: number) => {
      this.streams.push({ stream: data.part(list).batches({ batch: size, seed: 0, counted: true }), batches });
    };
    part(order.slice(0, whole * size), size, whole);
    if (whole * size < data.count) part(order.slice(whole * size), data.count - whole * size, 1);
  }

  /** Fraction of images whose class comes out first, under the network's running statistics. */
  async accuracy(network: Evaluated, regulator?: NetworkGates): Promise<number> {
    return (await this.score(network, regulator)).accuracy;
  }

  /** Accuracy, and the mean loss over the images, cross-entropy unless another is given. Throws ImageDecodeError where none of the images can be decoded. */
  score(network: Evaluated, regulator?: NetworkGates, lossFunction: Loss = lossOf({})): Promise<EvaluationScore> {
    return this.fitting(network, () => this.scoreAll(network, regulator, lossFunction));
  }

  private async scoreAll(
    network: Evaluated,
    regulator: NetworkGates | undefined,
    lossFunction: Loss,
  ): Promise<EvaluationScore> {
    const parts: { images: number; correct: Tensor; loss: Tensor }[] = [];
    const total = { images: 0, correct: 0, loss: 0 };
    try {
      for (const { stream, batches } of this.streams)
        for (let b = 0; b < batches; b++) {
          await stream.seek(b);
          noGrad(() =>
            scope(() => {
              stream.next();
              const logits = underGates(regulator, () => network.forward(stream.x, EVAL));
              for (const [from, to] of countedRows(stream.y.shape[0], stream.leftOut)) {
                const [of, labels] = [rowsOf(logits, from, to), rowsOf(stream.y, from, to)];
                const [correct, loss] = [countCorrect(of, labels), lossFunction(of, labels)];
                parts.push({ images: to - from, correct: keep(correct), loss: keep(loss) });
              }
            }),
          );
        }
      for (const { images, correct, loss } of parts) {
        total.images += images;
        total.correct += await correct.item();
        total.loss += images * (await loss.item());
      }
    } finally {
      for (const { correct, loss } of parts) {
        correct.release();
        loss.release();
      }
    }
    const { images } = total;
    if (images === 0) {
      const [{ file, reason }] = this.streams.flatMap(({ stream }) => stream.odd?.files ?? []);
      throw new ImageDecodeError(file, `${reason}; none of the ${this.data.count} images can be decoded`);
    }
    const leftOut = this.data.count - images;
    return { accuracy: total.correct / images, loss: total.loss / images, ...(leftOut > 0 && { leftOut }) };
  }

  /** Which images a network tells right, 1 for each that it does, in the set's order, without those that cannot be decoded. */
  answers(network: Evaluated, regulator?: NetworkGates): Promise<Uint8Array> {
    return this.fitting(network, () => this.allAnswers(network, regulator));
  }

  private async allAnswers(network: Evaluated, regulator: NetworkGates | undefined): Promise<Uint8Array> {
    const right: number[] = [];
    for (const { stream, batches } of this.streams)
      for (let b = 0; b < batches; b++) {
        await stream.seek(b);
        const logits = noGrad(() =>
          scope(() => {
            stream.next();
            return keep(underGates(regulator, () => network.forward(stream.x, EVAL)));
          }),
        );
        const [values, labels] = await Promise.all([logits.floats(), stream.labels.data()]).finally(() =>
          logits.release(),
        );
        const classes = values.length / labels.length;
        for (const [i, label] of labels.entries())
          if (!stream.leftOut?.includes(i))
            right.push(Number(firstOf(values.subarray(i * classes, (i + 1) * classes)).label === label));
      }
    return Uint8Array.from(right);
  }

  /**
   * What a network takes some images of the set for, at most an evaluation's batch. Others fill that batch, so that no kernel has to be made for these few.
   */
  predict(network: Evaluated, images: Iterable<number>, regulator?: NetworkGates): Promise<Prediction[]> {
    return this.fitting(network, () => this.predictSome(network, images, regulator));
  }

  private async predictSome(
    network: Evaluated,
    images: Iterable<number>,
    regulator: NetworkGates | undefined,
  ): Promise<Prediction[]> {
    const [batch] = this.streams[0].stream.x.shape;
    const asked = [...new Set(images)].slice(0, batch);
    const others = Array.from({ length: this.data.count }, (_, i) => i).filter((image) => !asked.includes(image));
    const order = Uint32Array.from([...asked, ...others.slice(0, batch - asked.length)]);
    const stream = this.data.part(order).batches({ batch, seed: 0 });
    let logits: Tensor;
    try {
      await stream.seek(0);
      logits = noGrad(() =>
        scope(() => {
          stream.next();
          return keep(underGates(regulator, () => network.forward(stream.x, EVAL)));
        }),
      );
    } finally {
      stream.release();
    }
    const values = await logits.floats();
    const classes = values.length / batch;
    logits.release();
    return asked.map((image, row) => ({ image, ...firstOf(values.subarray(row * classes, (row + 1) * classes)) }));
  }

  /** Gives back its batches; the images stay. */
  release(): void {
    for (const { stream } of this.streams.splice(0)) stream.release();
  }
}

/** The stream of random numbers that chooses what is averaged over. */
const RECALIBRATION_STREAM = 0x2eca1;

/** What statistics are averaged over: a few batches, each in `parts` (default 1) where memory does not hold it at once. */
export interface Recalibration {
  batch: number;
  parts?: number;
  seed: number;
  /** As in training. Weights go with the statistics that they were trained under: those of unvaried images cost networks that learned from varied ones 3 to 7 points of accuracy (docs/results/recalibration.md). */
  augment: boolean;
}

/**
 * Fills the running statistics with the plain average over a few batches of `data`, drawn by `seed` from all of it, under the regulator's committed gates. A network without any
 * is left as it is.
 */
export async function recalibrate(
  network: Pick<Network, 'forward'> & Partial<Pick<Network, 'bufferArena'>>,
  data: ImageFeed,
  { batch, parts = 1, ...draws }: Recalibration,
  regulator?: NetworkGates,
): Promise<void> {
  if ('bufferArena' in network && !network.bufferArena) return;
  const size = Math.ceil(Math.min(batch, data.count) / parts);
  try {
    await average(network, data, { size, most: RECALIBRATION_BATCHES * parts, ...draws }, regulator);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError) || size <= 1) throw error;
    await recalibrate(network, data, { batch: Math.ceil(size / 2), ...draws }, regulator);
  }
}

async function average(
  network: Pick<Network, 'forward'>,
  data: ImageFeed,
  { size, most, seed, augment }: Pick<Recalibration, 'seed' | 'augment'> & { size: number; most: number },
  regulator?: NetworkGates,
): Promise<void> {
  const batches = Math.min(most, Math.floor(data.count / size));
  const order = permutation(data.count, seed, RECALIBRATION_STREAM).subarray(0, batches * size);
  const stream = data.part(order).batches({ batch: size, seed, augment });
  try {
    for (let b = 0; b < batches; b++) {
      await stream.seek(b);
      noGrad(() =>
        scope(() => {
          stream.next();
          underGates(regulator, () => network.forward(stream.x, { ...TRAIN, momentum: 1 / (b + 1) }));
        }),
      );
    }
  } finally {
    stream.release();
  }
}
