// Products with broadcasting.
import { empty, needDType, record, type Tensor } from '../../tensor/index.ts';
import { broadcastInto, broadcastShape } from '../elementwise/broadcast.ts';
import { sumInto } from '../reduce/sum-into.ts';

/** a · b element by element, f32, NumPy broadcasting up to rank 4. Throws TensorError. */
export function mul(a: Tensor, b: Tensor): Tensor {
  needDType('mul', 'f32', a, b);
  const y = empty(a.gpu, broadcastShape('mul', a, b), 'mul');
  broadcastInto('product', a, b, y);
  return record('mul', y, [a, b], (gradient, sink) => {
    const back = (i: number, input: Tensor, other: Tensor): void =>
      sink.write(i, (out) => {
        const complete = input.size === y.size;
        const whole = complete ? out.alias(y.shape) : empty(y.gpu, y.shape, 'gradient of a product');
        broadcastInto('product', gradient, other, whole);
        if (!complete) sumInto(whole, out);
        whole.release();
      });
    back(0, a, b);
    back(1, b, a);
  });
}
