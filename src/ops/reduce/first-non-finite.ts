// Finds where a tensor went bad, for the message that stops a run.
import { params } from '../../gpu/index.ts';
import { empty, gridStrideLaunch, needDType, record, type Tensor } from '../../tensor/index.ts';

/** What firstNonFinite() gives for a tensor that is finite everywhere. */
export const ALL_FINITE = 0xffffffff;

/** The index, in memory order, of the first NaN or infinity in x (f32): u32 [1]; ALL_FINITE if there is none. Throws TensorError. */
export function firstNonFinite(x: Tensor): Tensor {
  needDType('firstNonFinite', 'f32', x);
  const { gpu } = x;
  const first = empty(gpu, [1], 'first non-finite', 'u32');
  gpu.fill(first.slice, ALL_FINITE);
  gpu.run({
    shader: 'reduce/first_non_finite',
    bindings: [x.slice, first.slice],
    params: params(x.size),
    grid: gridStrideLaunch(gpu, Math.ceil(x.size / 4)).grid,
    cost: { flops: 0, bytes: x.bytes },
    label: 'firstNonFinite',
  });
  return record('firstNonFinite', first, [], () => {});
}
