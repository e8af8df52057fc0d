// Maxima over axes. The gradient goes to the first of several equal maxima, in memory order, which is looked up again in backward.
import { grid1d, params } from '../../gpu/index.ts';
import { empty, needDType, record, type Shape, type Tensor } from '../../tensor/index.ts';
import { columnPieces } from './kernels/columns.ts';
import type { Sides } from './kernels/passes.ts';
import { axesOf, reducedShape, reduceInto, steps } from './reduce.ts';

/** The largest x over `axes` (default all), f32; [1] where no side is left. NaN where one is among the values. Throws TensorError. */
export function max(x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor {
  needDType('max', 'f32', x);
  const over = axesOf('max', x, axes);
  const shape = reducedShape(x.shape, over, keepDims);
  // Last axes first, so that "first" within each step is first in memory altogether.
  return steps(x.shape, over).reduce((from, sides, i, all) => {
    const y = step(from, sides, i === all.length - 1 ? shape : [sides[0] * sides[2]]);
    if (from !== x && !y.node) from.release();
    return y;
  }, x);
}

function step(x: Tensor, sides: Sides, shape: Shape): Tensor {
  const y = empty(x.gpu, shape, 'max');
  const seen = x.alias(sides);
  reduceInto(seen, [1], 'max', y);
  seen.release();
  return record('max', y, [x], (gradient, sink) => sink.write(0, (out) => scatter(x, y, gradient, out, sides)));
}

function scatter(x: Tensor, y: Tensor, gradient: Tensor, out: Tensor, [a, r, b]: Sides): void {
  const { gpu } = x;
  const piece = Math.ceil(r / columnPieces(gpu, a, r, b, b));
  const pieces = Math.ceil(r / piece);
  const found = empty(gpu, [a, pieces, b], 'indices of maxima', 'u32');
  gpu.run({
    shader: 'reduce/max_find',
    bindings: [x.slice, y.slice, found.slice],
    params: params(r, b, pieces, piece, found.size),
    grid: grid1d(Math.ceil(found.size / 64)),
    cost: { flops: x.size, bytes: x.bytes + found.bytes },
    label: 'max/find',
  });
  gpu.fill(out.slice, 0);
  gpu.run({
    shader: 'reduce/max_scatter',
    bindings: [found.slice, gradient.slice, out.slice],
    params: params(r, b, pieces, y.size),
    grid: grid1d(Math.ceil(y.size / 64)),
    cost: { flops: 0, bytes: found.bytes + 2 * y.bytes },
    label: 'max/scatter',
  });
  found.release();
}
