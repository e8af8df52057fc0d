// Functions of several tensors, element by element, with NumPy's broadcasting: a definition has the value as an expression of a, b, c, d, and for each of them the slope,
// what the gradient g is made into. Backward sums it over what repeated.
import { whatOf } from '../../gpu/index.ts';
import {
  type Backward,
  type DType,
  empty,
  evaluate,
  needFloats,
  noGrad,
  record,
  Tensor,
  TensorError,
} from '../../tensor/index.ts';
import { broadcastShape } from '../elementwise/broadcast.ts';
import { sumInto } from '../reduce/sum-into.ts';

/** A function of up to four operands; expressions are WGSL for four elements at once, see evaluate. */
export interface Definition {
  /** Of a, b, c, d. */
  value: string;
  /** For each operand, of g, a, b, c, d and y. Absent or undefined: it has no gradient. */
  slopes?: readonly (string | undefined)[];
  /** Operands that may be of any dtype, by place; others are f32 or f16. */
  any?: readonly number[];
  /** The value where a and b are labels (u32) or whole numbers, as their bits. */
  words?: string;
  /** Is it u32 then? Else it is f32. */
  keeps?: boolean;
}

/** What operands are called, in order. */
export const OPERAND_NAMES: readonly string[] = ['a', 'b', 'c', 'd'];

type Operand = Tensor | number;
const isTensor = (operand: Operand): operand is Tensor => operand instanceof Tensor;

/** Applies a definition to tensors and numbers, at least one tensor. The result is f16 where a tensor of floats among them is, else f32. Throws TensorError. */
export function applyBroadcasting(name: string, definition: Definition, operands: readonly Operand[]): Tensor {
  const { value, words, slopes = [], any = [] } = definition;
  needOperands(name, operands);
  const tensors = operands.filter(isTensor);
  if (tensors.length === 0) throw new TensorError(`${name}: got numbers only; at least one operand must be a tensor`);
  const places = operands.flatMap((operand, i) => (isTensor(operand) ? [i] : []));
  const named = Object.fromEntries(operands.map((operand, i) => [OPERAND_NAMES[i], operand]));
  const result = (dtype: DType): Tensor => empty(tensors[0].gpu, broadcastShape(name, ...tensors), name, dtype);
  if (words && areLabels(operands.slice(0, 2))) {
    const y = result(definition.keeps ? 'u32' : 'f32');
    evaluate(name, words, named, y, {}, ['a', 'b', ...(definition.keeps ? ['y'] : [])]);
    return noGrad(() => record(name, y, tensors, () => {}));
  }
  operands.forEach((operand, i) => {
    if (isTensor(operand) && !any.includes(i)) needFloats(name, operand);
  });
  // Operands of any dtype decide where there are no others.
  const deciding = operands.filter((_, i) => any.length === operands.length || !any.includes(i)).filter(isTensor);
  const y = result(deciding.some(({ dtype }) => dtype === 'f16') ? 'f16' : 'f32');
  evaluate(name, value, named, y);
  const pull: Backward = (g, sink) => {
    for (const [k, input] of tensors.entries()) {
      const slope = slopes[places[k]];
      if (!slope) continue;
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
  };
  const note = (): Tensor => record(name, y, tensors, pull);
  return tensors.some(({ requiresGrad }, k) => requiresGrad && slopes[places[k]]) ? note() : noGrad(note);
}

/** Throws TensorError naming the first operand that is neither a tensor nor a number. */
function needOperands(name: string, operands: readonly unknown[]): void {
  for (const [i, operand] of operands.entries())
    if (typeof operand !== 'number' && !(operand instanceof Tensor))
      throw new TensorError(
        `${name}: ${operands.length > 1 ? `operand ${i + 1} of ${operands.length}` : 'its tensor'} is ${whatOf(operand)}; a tensor or a number is wanted`,
      );
}

/** Are they labels, or numbers that labels can be, with a tensor among them? */
const areLabels = (operands: readonly Operand[]): boolean =>
  operands.some(isTensor) &&
  operands.every((operand) => (isTensor(operand) ? operand.dtype === 'u32' : operand >>> 0 === operand));

/** Slopes of which the sum is the sum of g with a sign. */
const SIGNS = new Map([
  ['g', 1],
  ['-g', -1],
]);
