// What a function of one tensor, element by element, is made from: its value as an expression of x, and its slope, what the gradient g is made into, of x or y.
// Expressions are WGSL for four elements at once (see evaluate); chains of them become one kernel inside a capture.
import {
  type Backward,
  empty,
  evaluate,
  needFloats,
  noGrad,
  type OpDetails,
  record,
  type Tensor,
} from '../../tensor/index.ts';

interface Unary {
  value: string;
  /** Of g and x or y; where it names y and not x, x can be freed. Absent: the result is a constant. */
  slope?: string;
}

type Numbers = Readonly<Record<string, number>>;

/** Applies a definition; `numbers` are what further names in it stand for, `details` what observers are shown. */
export function applyUnary(
  name: string,
  { value, slope }: Unary,
  x: Tensor,
  numbers: Numbers = {},
  details: OpDetails = {},
): Tensor {
  needFloats(name, x);
  const y = empty(x.gpu, x.shape, name, x.dtype);
  evaluate(name, value, { x, ...numbers }, y);
  if (slope === undefined) return noGrad(() => record(name, y, [x], () => {}));
  const backward: Backward = (g, sink) =>
    sink.write(0, (out) => evaluate(`${name}/backward`, slope, { g, x, y, ...numbers }, out));
  return record(name, y, [x], backward, [], details);
}

/** The op of a definition without further numbers. */
export const unary =
  (name: string, definition: Unary) =>
  (x: Tensor): Tensor =>
    applyUnary(name, definition, x);
