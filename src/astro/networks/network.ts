// What every astrocyte network is: it reads one feature a gate and answers with one logit a gate, for all maps of an atlas at once.
import { Module } from '../../nn/index.ts';
import type { Tensor } from '../../tensor/index.ts';
import type { PackedMaps } from '../packing/packed-maps.ts';

export abstract class AstrocyteNetwork extends Module {
  /** One feature a gate, f32, to one logit a gate; `atlas` says which gates are which map's. */
  abstract forward(features: Tensor, atlas: PackedMaps): Tensor;
}
