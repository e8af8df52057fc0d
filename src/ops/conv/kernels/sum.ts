// Launches the sum of a weight gradient's partial planes.
import { type Gpu, grid1d, params, type Slice } from '../../../gpu/index.ts';
import { type ConvGeometry, weightCount } from './geometry.ts';

/** Adds `planes` planes of [kh·kw, ci, co], padded sizes, in a fixed order, into dw. `shares`: threads an element. */
export function convSum(
  gpu: Gpu,
  g: ConvGeometry,
  { ci, co, planes }: { ci: number; co: number; planes: number },
  partial: Slice,
  dw: Slice,
  shares = planes < gpu.machine.conv.sum.planes ? 1 : gpu.machine.conv.sum.shares,
): void {
  const elements = weightCount(g);
  const width = g.co % 4 === 0 && co % 4 === 0 ? 4 : 1;
  gpu.run({
    shader: 'conv/sum',
    constants: { SHARES: shares },
    types: { V: width === 4 ? 'vec4f' : 'f32' },
    bindings: [partial, dw],
    params: params(g.kh * g.kw, g.ci / g.groups, g.co / width, ci, co / width, planes),
    grid: grid1d(Math.ceil(((elements / width) * shares) / 64)),
    cost: { flops: elements * (planes - 1), bytes: 4 * elements * (planes + 1) },
    label: 'conv/sum',
  });
}
