// Writing into a tensor that exists: copies and sums. The tape needs these to gather gradients, so they record nothing themselves. A target's f16 copy follows.
import { convert } from './convert.ts';
import { chunkLaunch } from './launch.ts';
import { empty, shapeText, type Tensor, TensorError } from './tensor.ts';

/** target ← source. Same number of elements, both f32 or both f16. */
export function copyInto(target: Tensor, source: Tensor): void {
  run('copy', target, source);
}

/** The same values in memory of their own, f32 or f16. */
export function copyOf(source: Tensor): Tensor {
  const copy = empty(source.gpu, source.shape, source.label, source.dtype);
  copyInto(copy, source);
  return copy;
}

/** target ← target + source. Same number of elements, both f32 or both f16. */
export function addInPlace(target: Tensor, source: Tensor): void {
  run('add', target, source);
}

function run(entry: 'copy' | 'add', target: Tensor, source: Tensor): void {
  if (target.size !== source.size || target.dtype !== source.dtype)
    throw new TensorError(
      `${entry}: ${source.label} ${shapeText(source.shape)} ${source.dtype} does not fit ` +
        `${target.label} ${shapeText(target.shape)} ${target.dtype}`,
    );
  target.gpu.run({
    shader: 'tensor/accumulate',
    entry,
    types: { V: target.dtype === 'f16' ? 'vec4h' : 'vec4f' },
    bindings: [target.slice, source.slice],
    ...chunkLaunch(target.gpu, Math.ceil(target.size / 4)),
    cost: { flops: entry === 'add' ? target.size : 0, bytes: target.bytes * (entry === 'add' ? 3 : 2) },
    label: `accumulate/${entry}`,
  });
  if (target.half) convert(target.gpu, target.slice, target.half.slice, target.size, 'f32', 'f16');
}
