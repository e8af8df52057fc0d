// Writing into a tensor that exists: copies and sums. The tape needs these to gather gradients, so they record nothing themselves. A target's f16 copy follows.
import { needTensors } from './checks.ts';
import { convert } from './convert.ts';
import { evaluate } from './evaluate.ts';
import { empty, shapeText, type Tensor, TensorError } from './tensor.ts';

/** target ← source. Same number of elements, both f32 or both f16. */
export function copyInto(target: Tensor, source: Tensor): void {
  run('copy', 'source', target, source);
}

/** The same values in memory of their own, f32 or f16. */
export function copyOf(source: Tensor): Tensor {
  needTensors('copyOf', source);
  const copy = empty(source.gpu, source.shape, source.label, source.dtype);
  copyInto(copy, source);
  return copy;
}

/** target ← target + source. Same number of elements, both f32 or both f16. */
export function addInPlace(target: Tensor, source: Tensor): void {
  run('add', 'total + source', target, source);
}

function run(op: 'copy' | 'add', code: string, target: Tensor, source: Tensor): void {
  needTensors(op === 'copy' ? 'copyInto' : 'addInPlace', target, source);
  if (target.size !== source.size || target.dtype !== source.dtype)
    throw new TensorError(
      `${op}: ${source.label} ${shapeText(source.shape)} ${source.dtype} does not fit ` +
        `${target.label} ${shapeText(target.shape)} ${target.dtype}`,
    );
  const words = op === 'copy' && target.dtype === 'u32' ? ['source', 'y'] : [];
  evaluate(`accumulate/${op}`, code, { total: target, source }, target, { source: target.shape }, words);
  if (target.half) convert(target.gpu, target.slice, target.half.slice, target.size, 'f32', 'f16');
}
