// The state dict under export: each tensor is taken by name in the shape that the graph gives it, so that a dict of another network is refused instead of written.
import type { StateTensor } from '../../nn/index.ts';
import { ExportError } from '../errors.ts';
import { needFinite } from '../finite.ts';

export class Weights {
  private readonly dict: ReadonlyMap<string, StateTensor>;
  private readonly taken = new Set<string>();

  constructor(dict: ReadonlyMap<string, StateTensor>) {
    this.dict = dict;
  }

  /** Values in torch layout. Throws ExportError where the dict has no such tensor, one of another shape, or one with values that are not finite. */
  take(name: string, shape: readonly number[]): Float32Array {
    const found = this.dict.get(name);
    if (!found) throw new ExportError(`the state dict has no ${name}: it is of another network`);
    if (found.shape.join() !== shape.join())
      throw new ExportError(
        `${name} is ${found.shape.join('×')}, the graph needs ${shape.join('×')}: the state dict is of another network`,
      );
    needFinite(name, shape, found.data);
    this.taken.add(name);
    return found.data;
  }

  /** Names that nobody took, but torch's counters of batches. */
  left(): string[] {
    return [...this.dict.keys()].filter((name) => !this.taken.has(name) && !name.endsWith('num_batches_tracked'));
  }
}
