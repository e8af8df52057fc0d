// Gates that are one (docs/method.md §1): the astrocyte sees the mean of their features and gives one probability, which all of them have. Where each gate is its own,
// both ways change nothing.
import { type Gpu, needArguments } from '../gpu/index.ts';
import { gather, reshape, Segments, segmentMean } from '../ops/index.ts';
import { keep, type Tensor, tensor } from '../tensor/index.ts';
import type { GateLayout } from './gate-layout.ts';

/** The groups of a layout's gates on the GPU. Owns memory there; release() it. */
export class GateGroups {
  private readonly held?: { gates: Segments; groups: Tensor };

  constructor(gpu: Gpu, layout: Pick<GateLayout, 'groups'>) {
    needArguments('GateGroups', 'a Gpu', { gpu });
    needArguments('GateGroups', 'an object', { layout });
    const { groups } = layout;
    if (!groups) return;
    const { of, count } = groups;
    const lists = Array.from({ length: count }, (): number[] => []);
    for (const [gate, group] of of.entries()) lists[group].push(gate);
    this.held = {
      gates: new Segments(gpu, of.length, lists, 'gates of groups'),
      groups: keep(tensor(gpu, of, [of.length], 'groups of gates', 'u32')),
    };
  }

  /** The mean over each group, f32 [groups], of one value a gate, f32 [gates]. Differentiable. */
  mean(values: Tensor): Tensor {
    const { held } = this;
    return held ? reshape(segmentMean(values, held.gates), [held.gates.count]) : values;
  }

  /** One value a group, f32 [groups], for each of its gates, f32 [gates]. Differentiable. */
  spread(values: Tensor): Tensor {
    return this.held ? gather(values, this.held.groups) : values;
  }

  /** Frees its memory on the GPU. */
  release(): void {
    for (const owned of Object.values(this.held ?? {})) owned.release();
  }
}
