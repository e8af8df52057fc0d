// What every astrocyte network is: it reads one feature a gate and answers with one logit a gate, for all maps at once.
import { Module } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { PackedMaps } from '../packing/packed-maps.ts';

/** A network that turns features of weights into gates' logits (AN(F) of docs/method.md §3). Its parameters have memory after `to(gpu, seed)`. */
export abstract class AstrocyteNetwork extends Module {
  /** One feature a gate, f32 [gates], to one logit a gate, f32 [gates]; `packed` says which gates are which map's, and packs them into images: most often one. */
  abstract forward(features: Tensor, packed: PackedMaps): Tensor;
}
