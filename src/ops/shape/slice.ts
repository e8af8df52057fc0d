// A box cut out of a tensor, also of every k-th element. Backward puts the gradient back among zeros, or adds it to what is there: parts of one tensor share its gradient.
import { needArguments } from '../../gpu/index.ts';
import { type Backward, empty, record, type Shape, shapeText, type Tensor, TensorError } from '../../tensor/index.ts';
import { move, stepsOf } from './kernels/move.ts';
import { needWords } from './kernels/words.ts';
import { copyBox } from './window.ts';

/**
 * x[begin … begin + size), f32, f16 or u32, one number a side in both. A copy. With `steps`, whole numbers but 0, one a side: the `size` elements at begin,
 * begin + step, begin + 2·step, ...; a negative step goes backwards from `begin`. Throws TensorError for a box that leaves x.
 *
 * @example
 * slice(x, [9], [5], { steps: [-2] }); // x[9], x[7], x[5], x[3], x[1]
 */
export function slice(
  x: Tensor,
  begin: readonly number[],
  size: Shape,
  options: { steps?: readonly number[] } = {},
): Tensor {
  needWords('slice', x);
  needArguments('slice', 'a list', { begin, size });
  return cutBox('slice', x, begin, size, options.steps);
}

/** slice() under the name of the op that asks for it. */
export function cutBox(
  op: string,
  x: Tensor,
  begin: readonly number[],
  size: Shape,
  steps: readonly number[] = size.map(() => 1),
): Tensor {
  needWords(op, x);
  const { gpu, shape } = x;
  const fits = (n: number, i: number): boolean => {
    const [low, high] = [begin[i], begin[i] + (size[i] - 1) * steps[i]];
    const whole = [low, size[i], steps[i]].every(Number.isInteger) && steps[i] !== 0 && size[i] >= 1;
    return whole && Math.min(low, high) >= 0 && Math.max(low, high) < n;
  };
  if ([begin, size, steps].some(({ length }) => length !== shape.length) || !shape.every(fits)) {
    const by = steps.length === shape.length && steps.every((step) => step === 1) ? '' : ` by steps [${steps}]`;
    throw new TensorError(`${op}: ${x.label} ${shapeText(shape)} has no box ${shapeText(size)} at [${begin}]${by}`);
  }
  const y = empty(gpu, size, op, x.dtype);
  const through = stepsOf(shape).map((step, i) => step * steps[i]);
  const along = stepsOf(size);
  const first = stepsOf(shape).reduce((sum, step, i) => sum + step * begin[i], 0);
  move(x, y, { sides: size.map((n, i) => ({ n, from: through[i], to: along[i] })), from: first });
  const backward: Backward = (gradient, sink) =>
    sink.add(0, (out, adds) => {
      if (!adds && steps.every((step) => step === 1)) {
        const back = begin.map((n) => -n);
        copyBox(
          gradient,
          out,
          shape,
          back,
          shape.map(() => 0),
        );
        return;
      }
      if (!adds) gpu.fill(out.slice, 0);
      move(gradient, out, { sides: size.map((n, i) => ({ n, from: along[i], to: through[i] })), to: first, adds });
    });
  return record(op, y, [x], backward, [], { begin, steps: steps.some((step) => step !== 1) ? steps : undefined });
}
