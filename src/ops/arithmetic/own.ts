// Elementwise ops of one's own, from expressions: what the package's are made of, for those who use it.
import { type Gpu, KernelError, needArguments } from '../../gpu/index.ts';
import { empty, Tensor, TensorError } from '../../tensor/index.ts';
import { applyBroadcasting, OPERAND_NAMES } from './broadcasting.ts';

/** What an elementwise op is made of. Expressions are WGSL for four elements at once, in f32: F(0.5) is four halves, `select(no, yes, x < y)` chooses for each. */
export interface ElementwiseDefinition {
  /** In errors, profiles and traces. */
  name: string;
  /** Of the operands, which are called a, b, c, d in their order. */
  value: string;
  /** For each operand what its gradient is, of the operands, the result y and its gradient g; one without a slope has none. */
  slopes?: readonly (string | undefined)[];
}

/**
 * A function of up to four tensors and numbers, element by element, from expressions: with NumPy's broadcasting, gradients, f32 and f16 (computed in f32), and inside a
 * capture one kernel with its neighbors. Beside WGSL's own functions, of which exp, log, pow, sin, cos and tanh are exact to a few units in the last place, expressions
 * may call expm1, log1p, erf, sigmoid, and is_nan, larger, smaller, which know NaN. The function throws TensorError for operands that do not fit, and at its first call
 * KernelError for an expression that is none.
 *
 * @example
 * const gaussian = elementwise({ name: 'mine/gaussian', value: 'exp(-a * a / b)', slopes: ['-2.0 * g * y * a / b'] });
 * const y = gaussian(x, 0.5);
 */
export function elementwise(definition: ElementwiseDefinition): (...operands: (Tensor | number)[]) => Tensor {
  needArguments('elementwise', 'an object', { definition });
  needArguments('elementwise', 'a text', { name: definition.name, value: definition.value });
  const { name, value, slopes = [] } = definition;
  const named = (letter: string): boolean => [value, ...slopes].some((code) => code && wordsOf(code).includes(letter));
  const arity = OPERAND_NAMES.findLastIndex(named) + 1;
  if (arity === 0) throw new TensorError(`${name}: its value ${value} names no operand; they are called a, b, c, d`);
  const tried = new WeakSet<Gpu>();
  return (...operands) => {
    if (operands.length !== arity)
      throw new TensorError(
        `${name} takes ${arity} operands (${OPERAND_NAMES.slice(0, arity).join(', ')}), got ${operands.length}`,
      );
    const gpu = operands.find((operand) => operand instanceof Tensor)?.gpu;
    if (gpu && !tried.has(gpu)) {
      tryExpressions(gpu, definition, arity);
      tried.add(gpu);
    }
    return applyBroadcasting(name, definition, operands);
  };
}

const wordsOf = (code: string): string[] => code.match(/(?<![.\w])[A-Za-z_]\w*/g) ?? [];

/** Compiles each expression by itself. Throws KernelError naming the op and the expression. */
function tryExpressions(gpu: Gpu, { name, value, slopes = [] }: ElementwiseDefinition, arity: number): void {
  const operands = OPERAND_NAMES.slice(0, arity);
  const expressions = [{ what: 'value', code: value, names: operands }];
  slopes.forEach((code, i) => {
    if (code) expressions.push({ what: `slope of ${operands[i]}`, code, names: [...operands, 'y', 'g'] });
  });
  const [from, to] = [0, 1].map(() => empty(gpu, [1], name));
  try {
    for (const { what, code, names } of expressions) {
      const values = Object.fromEntries(names.map((each) => [each, { operand: 0 }]));
      try {
        gpu.prepare({
          sides: [1],
          operands: [{ slice: from.slice, stored: 'f32', own: [true] }],
          steps: [{ label: name, code, values }],
          results: [{ slice: to.slice, stored: 'f32', step: 0 }],
        });
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        const reason = error.message.replace(/^kernel .*?: /, '').replace(/, at `.*/, '');
        throw new KernelError(`${name}: its ${what}, \`${code}\`, is no expression: ${reason}`);
      }
    }
  } finally {
    from.release();
    to.release();
  }
}
