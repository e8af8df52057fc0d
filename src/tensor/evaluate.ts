// Expressions evaluated for every element of a tensor: what elementwise ops, casts and sums of gradients are made of. Nothing is recorded here.
import { type PointwiseOperand, type PointwiseValue, whatOf } from '../gpu/index.ts';
import { needTensors } from './checks.ts';
import { shapeText, Tensor, TensorError } from './tensor.ts';

/** What a name in an expression stands for. A tensor's sides are lined up with the result's from the last; missing ones and those of 1 repeat. */
export type Operands = Readonly<Record<string, Tensor | number>>;

/**
 * y ← `code`, an expression in WGSL of the operands' names, for four elements at once: F is vec4f, and shaders/elementwise/math.wgsl has further functions. Operands of any
 * dtype are seen as f32, the result is rounded to y's; u32 named in `words`, y among them, keep their 32 bits, which are those of an f32 then. y may be an operand of its own shape; operands that the expression does not name are left alone. Inside a capture it becomes one kernel with its neighbors. `shapes` says what
 * shape an operand has, where that is not its own. Throws TensorError for an operand that does not go into y.
 */
export function evaluate(
  name: string,
  code: string,
  operands: Operands,
  y: Tensor,
  shapes: Readonly<Record<string, readonly number[]>> = {},
  words: readonly string[] = [],
): void {
  needTensors(name, y);
  const { gpu, shape } = y;
  if (y.dtype === 'u8') throw new TensorError(`${name}: ${y.label} ${shapeText(shape)} is u8, which holds images only`);
  const list: PointwiseOperand[] = [];
  const values: Record<string, PointwiseValue> = {};
  const seen = new Map<Tensor, number>();
  for (const [key, operand] of Object.entries(operands)) {
    if (!new RegExp(`\\b${key}\\b`).test(code)) continue;
    if (typeof operand === 'number') {
      values[key] = words.includes(key) ? { word: operand } : { scalar: operand };
      continue;
    }
    if (!(operand instanceof Tensor))
      throw new TensorError(`${name}: ${key} is ${whatOf(operand)}; a number or a tensor is wanted`);
    const sides = shapes[key] ?? operand.shape;
    const known = shapes[key] || words.includes(key) ? undefined : seen.get(operand);
    if (known !== undefined) {
      values[key] = { operand: known };
      continue;
    }
    const at = shape.length - sides.length;
    const own = shape.map((n, i) => i >= at && (sides[i - at] === n || n === 1));
    if (at < 0 || sides.some((n, i) => n !== 1 && n !== shape[i + at]))
      throw new TensorError(
        `${name}: ${operand.label} ${shapeText(sides)} does not repeat to ${y.label} ${shapeText(shape)}`,
      );
    const place = list.push({ slice: operand.slice, stored: words.includes(key) ? 'word' : operand.dtype, own }) - 1;
    if (!words.includes(key)) seen.set(operand, place);
    values[key] = { operand: place };
  }
  gpu.pointwise({
    sides: shape,
    operands: list,
    steps: [{ label: name, code, values }],
    results: [{ slice: y.slice, stored: words.includes('y') ? 'word' : y.dtype, step: 0 }],
  });
}
