// Products over axes. The gradient of a factor is the product of the others, also where some are 0.
import { empty, evaluate, needFloats, record, type Tensor } from '../../tensor/index.ts';
import { axesOf, reducedShape, reduceInto } from './reduce.ts';

/** With p the product of the values that are not 0, and z the number of those that are. */
const SLOPE = 'select(select(F(0), g * (p / x), z == F(0)), select(F(0), g * p, z == F(1)), x == F(0))';

/** Π x over `axes` (default all), f32 or f16 as x, multiplied in f32; [1] where no side is left. Throws TensorError. */
export function prod(x: Tensor, axes?: number | readonly number[], keepDims = false): Tensor {
  needFloats('prod', x);
  const over = axesOf('prod', x, axes);
  const kept = reducedShape(x.shape, over, true);
  const y = empty(x.gpu, reducedShape(x.shape, over, keepDims), 'prod', x.dtype);
  reduceInto(x, over, 'product', y);
  return record('prod', y, [x], (g, sink) =>
    sink.write(0, (out) => {
      const [p, z] = (['nonzeros', 'zeros'] as const).map((fold) => {
        const made = empty(x.gpu, kept, fold);
        reduceInto(x, over, fold, made);
        return made;
      });
      evaluate('prod/backward', SLOPE, { x, g, p, z }, out, { g: kept });
      p.release();
      z.release();
    }),
  );
}
