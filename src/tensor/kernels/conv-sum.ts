// Launches the sum of a weight gradient's partial planes.
import { type Gpu, grid1d, params, type Slice } from '../../gpu/index.ts';
import { type ConvGeometry, weightCount } from './conv-geometry.ts';

/** Adds `planes` planes of [kh·kw, ci, co], padded sizes, in order, into dw. */
export function convSum(
  gpu: Gpu,
  g: ConvGeometry,
  { ci, co, planes }: { ci: number; co: number; planes: number },
  partial: Slice,
  dw: Slice,
): void {
  const elements = weightCount(g);
  gpu.run({
    shader: 'conv_sum',
    bindings: [partial, dw],
    params: params(g.kh * g.kw, g.ci, g.co, ci, co, planes),
    grid: grid1d(Math.ceil(elements / 64)),
    cost: { flops: elements * (planes - 1), bytes: 4 * elements * (planes + 1) },
    label: 'conv/sum',
  });
}
