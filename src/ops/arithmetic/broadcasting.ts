// Functions of several tensors, element by element, with NumPy's broadcasting: a definition has the value as an expression of a, b, c, and for each of them the slope, what
// the gradient g is made into. Backward sums it over what repeated.
import { empty, evaluate, needFloats, record, type Tensor, TensorError } from '../../tensor/index.ts';
import { broadcastShape } from '../elementwise/broadcast.ts';
import { sumInto } from '../reduce/sum-into.ts';

/** A function of up to three operands; expressions are WGSL for four elements at once, see evaluate. */
export interface Definition {
  /** Of a, b, c. */
  value: string;
  /** The value where a and b are one tensor, if compilers must not see that: they take a − a for 0 and a / a for 1 whatever a is (Mesa does). */
  alike?: string;
  /** For each operand, of g, a, b, c and y. Absent or undefined: it has no gradient. */
  slopes?: readonly (string | undefined)[];
  /** Operands that may be of any dtype, by place; others are f32 or f16. */
  any?: readonly number[];
}

const NAMES = ['a', 'b', 'c'] as const;

/** Applies a definition to tensors and numbers, at least one tensor. The result is f16 where a tensor of floats among them is, else f32. Throws TensorError. */
export function applyBroadcasting(
  name: string,
  { value, alike = value, slopes = [], any = [] }: Definition,
  operands: readonly (Tensor | number)[],
): Tensor {
  const tensors = operands.filter((operand) => typeof operand !== 'number');
  if (tensors.length === 0) throw new TensorError(`${name}: got numbers only; at least one operand must be a tensor`);
  const floats = operands.filter((operand, i) => typeof operand !== 'number' && !any.includes(i)) as Tensor[];
  for (const operand of floats) needFloats(name, operand);
  const half = floats.some(({ dtype }) => dtype === 'f16');
  const y = empty(tensors[0].gpu, broadcastShape(name, ...tensors), name, half ? 'f16' : 'f32');
  const named = Object.fromEntries(operands.map((operand, i) => [NAMES[i], operand]));
  evaluate(name, isOneTensor(operands) ? alike : value, named, y);
  const places = operands.flatMap((operand, i) => (typeof operand !== 'number' && slopes[i] ? [i] : []));
  const inputs = places.map((i) => operands[i] as Tensor);
  return record(name, y, inputs, (g, sink) => {
    for (const [k, i] of places.entries()) {
      const slope = slopes[i]!;
      const input = inputs[k];
      if (slope === 'g' && input.size === y.size && input.dtype === y.dtype) {
        sink.forward(k, g);
        continue;
      }
      sink.write(k, (out) => {
        const known = { ...named, y, g };
        const sign = SIGNS.get(slope);
        if (input.size === y.size) {
          const lined = out.alias(y.shape);
          evaluate(`${name}/backward`, slope, known, lined);
          lined.release();
        } else if (sign) sumInto(g, out, sign);
        else {
          const whole = empty(y.gpu, y.shape, `gradient of ${name}`);
          evaluate(`${name}/backward`, slope, known, whole);
          sumInto(whole, out);
          whole.release();
        }
      });
    }
  });
}

/** Do the first two have one memory? */
function isOneTensor([a, b]: readonly (Tensor | number)[]): boolean {
  if (typeof a === 'number' || typeof b !== 'object') return false;
  return a.slice.buffer === b.slice.buffer && a.slice.offset === b.slice.offset && a.size === b.size;
}

/** Slopes of which the sum is the sum of g with a sign. */
const SIGNS = new Map([
  ['g', 1],
  ['-g', -1],
]);
