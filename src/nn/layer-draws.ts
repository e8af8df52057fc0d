// The random numbers of a layer, as a member of its module: like a parameter it has a name, and memory once its network is on a GPU.
import { AstroError } from '../gpu/index.ts';
import type { RandomState } from '../ops/index.ts';

/** What a layer draws from in training: a stream named after it, under the network's seed. */
export class LayerDraws {
  private made?: RandomState;

  /** Throws AstroError before module.to(gpu). */
  get state(): RandomState {
    if (!this.made)
      throw new AstroError('a layer that draws random numbers has no memory yet: call module.to(gpu) first');
    return this.made;
  }

  set state(state: RandomState) {
    this.made = state;
  }
}
