// Batches of arrays in memory, drawn on the GPU: kernels find a batch's items by a counter in GPU memory, so that a captured step draws the next batch each time it
// is replayed, epoch after epoch, each in an order of its own; the CPU has nothing to do.
import { needArguments, params } from '../../gpu/index.ts';
import { empty, keep, type Tensor, tensor, zeros } from '../../tensor/index.ts';
import { ArrayDataError } from '../errors.ts';
import type { BatchSource } from './batch-source.ts';
import { DeviceArrays } from './device-arrays.ts';
import { shuffledOrder } from './shuffle.ts';

/** What a batch is, and in which order items come. */
export interface ArrayBatchOptions {
  /** Items in a batch. */
  batch: number;
  /** Decides the order of every epoch. Default 0. */
  seed?: number;
  /** A new order each epoch. Default true; else the order of `items`. */
  shuffle?: boolean;
  /**
   * What becomes of the items behind the last whole batch of an epoch: left out (`drop`, the default), or a batch of their own, filled up with the epoch's first ones
   * (`fill`): `fresh` tells them apart.
   */
  last?: 'drop' | 'fill';
  /** Draws only from these items. Default all. */
  items?: ArrayLike<number>;
}

/**
 * Draws batches of arrays on the GPU, shuffled by seed and epoch. A captured step that calls next() draws a new batch at each replay, and a resumed run that sets
 * `draws` goes on as if it had never stopped. Owns GPU memory; release() it (the arrays stay).
 *
 * @example
 * const batches = new ArrayBatches(data, { batch: 64, seed: 1 });
 * batches.next(); // fills batches.batch.x [64, 28, 28, 1] and batches.batch.y [64]
 */
export class ArrayBatches<K extends string = string> implements BatchSource<Readonly<Record<K, Tensor>>> {
  /** The arrays that batches are taken of. They go on being the caller's. */
  readonly data: DeviceArrays<K>;
  readonly batch: Readonly<Record<K, Tensor>>;
  /** Batches in an epoch. */
  readonly batches: number;
  /** f32 [batch]: 1 for an item, 0 for one that only fills up the last batch of an epoch. */
  readonly fresh: Tensor;
  /** u32 [1], batches drawn so far: with the seed all that a resumed run needs. */
  readonly draws: Tensor;
  private readonly size: number;
  private readonly seed: number;
  private readonly shuffle: boolean;
  private readonly chosen: Uint32Array;
  private readonly items: Tensor;
  private readonly plan: Tensor;

  /** Throws ArrayDataError for a batch larger than the set, and for an item that it does not hold. */
  constructor(data: DeviceArrays<K>, options: ArrayBatchOptions) {
    needArguments('ArrayBatches', DeviceArrays, { data });
    needArguments('ArrayBatches', 'an object', { options });
    const { batch, seed = 0, shuffle = true, last = 'drop', items } = options;
    const { gpu, count } = data;
    const chosen = items ? Uint32Array.from(items) : Uint32Array.from({ length: count }, (_, i) => i);
    const bad = chosen.findIndex((item, i) => item >= count || item !== (items?.[i] ?? i));
    if (bad >= 0) throw new ArrayDataError(`item ${items![bad]} (entry ${bad} of items): the arrays hold ${count}`);
    if (!Number.isInteger(batch) || batch < 1 || batch > chosen.length)
      throw new ArrayDataError(`a batch of ${batch} cannot be drawn from ${chosen.length} items`);
    this.data = data;
    this.size = batch;
    this.seed = seed;
    this.shuffle = shuffle;
    this.chosen = chosen;
    this.batches = last === 'fill' ? Math.ceil(chosen.length / batch) : Math.floor(chosen.length / batch);
    const names = Object.keys(data.arrays) as K[];
    this.batch = Object.fromEntries(
      names.map((name) => {
        const { shape, as } = data.arrays[name];
        return [name, keep(empty(gpu, [batch, ...shape], `batch of ${name}`, as))];
      }),
    ) as Record<K, Tensor>;
    this.fresh = keep(empty(gpu, [batch], 'fresh items'));
    this.draws = keep(zeros(gpu, [1], 'draws', 'u32'));
    this.plan = keep(empty(gpu, [batch], 'plan of the batch', 'u32'));
    this.items = keep(tensor(gpu, chosen, [chosen.length], 'items', 'u32'));
  }

  /** The items of an epoch, counted from 0, in its order. */
  order(epoch: number): Uint32Array {
    const { chosen, shuffle, seed } = this;
    return shuffle ? shuffledOrder(chosen.length, seed, epoch).map((place) => chosen[place]) : chosen.slice();
  }

  /** Fills `batch` and `fresh` with the next batch. */
  next(): void {
    const { data, batch, fresh, draws, plan, items, size, seed, batches } = this;
    data.gpu.run({
      shader: 'data/array_plan',
      constants: { SHUFFLED: this.shuffle },
      bindings: [items, draws, plan, fresh].map(({ slice }) => slice),
      params: params(size, seed, items.size, batches),
      grid: [Math.ceil(size / 64)],
      cost: { flops: 0, bytes: size * 12 },
      label: 'plan of the batch',
    });
    const names = Object.keys(batch) as K[];
    for (const [i, name] of names.entries())
      data.arrays[name].gather(batch[name], { items: plan, draws, advance: i === names.length - 1 });
  }

  /** Gives back the batch and its bookkeeping; the arrays stay. */
  release(): void {
    const { batch, fresh, draws, plan, items } = this;
    for (const owned of [...Object.values<Tensor>(batch), fresh, draws, plan, items]) owned.release();
  }
}
