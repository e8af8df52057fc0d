// Gates that no astrocyte makes: all are 1 until a cut, and the weights alone say which go first. The rule that an astrocyte has to beat (docs/method.md §8).
import { copyInto, full, scope, type Tensor } from '../tensor/index.ts';
import { NetworkGates } from './network-gates.ts';

/** Gates of 1. The smallest are those of the smallest mean |W|, standardized a layer at a time, so that layers lose about the same part each. */
export class OpenGates extends NetworkGates {
  override regulate(): void {
    scope(() => copyInto(this.gate, full(this.gpu, [this.layout.total], 1)));
  }

  override standing(): Tensor {
    return this.sizes();
  }
}
