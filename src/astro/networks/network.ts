// What every astrocyte network is: it reads one feature a gate and answers with one logit a gate, for all maps at once.
import type { Gpu } from '../../gpu/index.ts';
import { Module } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { MapRegion, PackedMaps } from '../packing/packed-maps.ts';

/** A network that turns features of weights into gates' logits (AN(F) of docs/method.md §3). Its parameters have memory after `to(gpu, seed)`. */
export abstract class AstrocyteNetwork extends Module {
  /** Features of a gate that it sees. */
  readonly inputs: number;

  /** `inputs`: features of a gate that it sees. Default 1. */
  constructor(inputs = 1) {
    super();
    this.inputs = inputs;
  }

  /** Throws ConfigError for maps that it cannot take on this adapter: asked before anything is trained. */
  check(_gpu: Gpu, _maps: readonly MapRegion[]): void {}

  /** What it needs of the maps beside their images is made here: called once before `forward`, which may be captured. */
  prepare(_packed: PackedMaps): void {}

  /** What its logits are made by: where all parameters of these layers are 0, so is every logit. None where that is not said, and then the network cannot start at 0. */
  lastLayers(): readonly Module[] {
    return [];
  }

  /** One feature a gate, f32 [gates] (of several `inputs` [inputs, gates]), to one logit a gate, f32 [gates]; `packed` says which gates are which map's, and packs them into images: most often one. */
  abstract forward(features: Tensor, packed: PackedMaps): Tensor;
}
