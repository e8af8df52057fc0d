// The Euclidean norm over axes, √Σ x².
import { empty, evaluate, needFloats, record, type Tensor } from '../../tensor/index.ts';
import { axesOf, reducedShape, reduceInto } from './reduce.ts';

/** √Σ x² over `axes` (default all) of x, f32 or f16, which the result is, too; squares are added up in f32. [1] where no side is left. The gradient x / norm is taken as 0 where the norm is 0. Throws TensorError. */
export function norm(x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor {
  needFloats('norm', x);
  const over = axesOf('norm', x, axes);
  const y = empty(x.gpu, reducedShape(x.shape, over, keepDims), 'norm', x.dtype);
  reduceInto(x, over, 'squares', y, { last: 'root' });
  return record('norm', y, [x], (gradient, sink) =>
    sink.write(0, (out) => {
      const shape = reducedShape(x.shape, over, true);
      const code = 'select(x * (g / y), F(0), y == F(0))';
      evaluate('norm/backward', code, { x, g: gradient, y }, out, { g: shape, y: shape });
    }),
  );
}
