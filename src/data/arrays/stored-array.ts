// Items of one shape in GPU memory, in as many buffers as they need, and the kernels that gather some of them into a batch.
import { type Gpu, grid1d, params } from '../../gpu/index.ts';
import { keep, type Shape, type Tensor, tensor } from '../../tensor/index.ts';
import { normalizationTable } from '../image/normalization.ts';
import type { ReadArray } from './array-form.ts';

/** Where the items of a batch come from, and the counter that goes on with each batch. */
export interface Plan {
  /** u32 [batch], the item in each place. */
  items: Tensor;
  /** u32 [1]. */
  draws: Tensor;
  /** Whether this gathering is the last of its batch. */
  advance: boolean;
}

/** Items on the GPU. Owns GPU memory; release() it. */
export class StoredArray {
  /** Of one item. */
  readonly shape: Shape;
  /** What batches of it are. */
  readonly as: 'f32' | 'f16' | 'u32';
  private readonly width: number;
  private readonly parts: { values: Tensor; first: number; count: number }[] = [];
  private readonly table?: Tensor;
  private readonly channels: number;

  /** `itemsPerBuffer`: default as many as the device allows. */
  constructor(gpu: Gpu, name: string, read: ReadArray, shape: Shape, itemsPerBuffer?: number) {
    const { values, stored, as, normalize } = read;
    this.shape = shape;
    this.as = as;
    this.width = shape.reduce((a, b) => a * b, 1);
    this.channels = normalize?.mean.length ?? 1;
    const count = values.length / this.width;
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const room = Math.min(maxStorageBufferBindingSize, maxBufferSize) / (this.width * (stored === 'u8' ? 1 : 4));
    const each = Math.min(count, itemsPerBuffer ?? Math.max(1, Math.floor(room)));
    for (let first = 0; first < count; first += each) {
      const here = Math.min(each, count - first);
      const part = values.subarray(first * this.width, (first + here) * this.width);
      this.parts.push({
        values: keep(tensor(gpu, part, [here, ...shape], `items of ${name}`, stored)),
        first,
        count: here,
      });
    }
    if (normalize)
      this.table = keep(tensor(gpu, normalizationTable(normalize), [this.channels * 256], `normalization of ${name}`));
  }

  /** Other values in place of those that are there, in one buffer. */
  set(values: ReadArray['values']): void {
    this.parts[0].values.set(values);
  }

  /** Fills x [batch, ...shape] with the items that the plan names. */
  gather(x: Tensor, { items, draws, advance }: Plan): void {
    const { table, width, channels } = this;
    for (const [i, { values, first, count }] of this.parts.entries()) {
      const moves = advance && i === this.parts.length - 1 ? 1 : 0;
      const common = { grid: grid1d(Math.ceil(x.size / 64)), cost: { flops: 0, bytes: i === 0 ? 2 * x.bytes : 0 } };
      const words = params(width, x.size, first, count, moves, channels);
      if (table)
        x.gpu.run({
          shader: 'data/array_bytes',
          types: { X: x.dtype },
          bindings: [values, items, table, draws, x].map(({ slice }) => slice),
          params: words,
          ...common,
          label: 'gather bytes',
        });
      else
        x.gpu.run({
          shader: 'data/array_items',
          types: x.dtype === 'f16' ? { S: 'f32', X: 'f16' } : { S: 'u32', X: 'u32' },
          bindings: [values, items, draws, x].map(({ slice }) => slice),
          params: words,
          ...common,
          label: 'gather items',
        });
    }
  }

  /** Gives back its memory, of the table of classes or normalization, too. */
  release(): void {
    for (const { values } of this.parts) values.release();
    this.table?.release();
  }
}
