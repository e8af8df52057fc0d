// Arithmetic of two tensors, or of a tensor and a number on either side, with NumPy's broadcasting.
import type { Tensor } from '../../tensor/index.ts';
import { applyBroadcasting, type Definition } from './broadcasting.ts';

const binary =
  (name: string, definition: Definition) =>
  (a: Tensor | number, b: Tensor | number): Tensor =>
    applyBroadcasting(name, definition, [a, b]);

/** a + b, each f32 or f16 or a number, with NumPy's broadcasting; f16 if either is. Throws TensorError. */
export const add = binary('add', { value: 'a + b', slopes: ['g', 'g'] });

/** a − b, as add. */
export const sub = binary('sub', { value: 'a - b', slopes: ['g', '-g'] });

/** a · b element by element, as add. */
export const mul = binary('mul', { value: 'a * b', slopes: ['g * b', 'g * a'] });

/** a / b element by element: ±∞ over ±0, NaN for 0 / 0 and ∞ / ∞; as add. */
export const div = binary('div', {
  value: 'quotient(a, b)',
  slopes: ['g / b', '-g * (a / b) / b'],
});

/** The larger of a and b, NaN where either is; where they are equal each gets half of the gradient, as in PyTorch. As add. */
export const maximum = binary('maximum', {
  value: 'larger(a, b)',
  slopes: ['select(select(g, 0.5 * g, a == b), F(0), a < b)', 'select(select(g, 0.5 * g, a == b), F(0), b < a)'],
});

/** The smaller of a and b, as maximum. */
export const minimum = binary('minimum', {
  value: 'smaller(a, b)',
  slopes: ['select(select(g, 0.5 * g, a == b), F(0), b < a)', 'select(select(g, 0.5 * g, a == b), F(0), a < b)'],
});

const POWER: Definition = {
  value: 'pow(a, b)',
  slopes: [
    'select(g * b * pow(a, b - 1.0), F(0), b == F(0))',
    'select(g * y * log(a), F(0), (a == F(0)) & (b >= F(0)))',
  ],
};
/** Exponents that are multiplications. */
const PLAIN_POWERS = new Map<unknown, Definition>([
  [2, { value: 'a * a', slopes: ['2.0 * g * a'] }],
  [3, { value: 'a * a * a', slopes: ['3.0 * g * a * a'] }],
  [-1, { value: 'quotient(F(1), a)', slopes: ['-g * y * y'] }],
]);

/**
 * a to the power b, as C, NumPy and PyTorch have it: 1 where b is 0 or a is 1, also for NaN; NaN where a is negative and b is not whole. The gradient of a is 0 where b
 * is 0, that of b where a is 0 and b is not negative; below 0 it is NaN. As add.
 */
export const pow = (a: Tensor | number, b: Tensor | number): Tensor =>
  applyBroadcasting('pow', PLAIN_POWERS.get(b) ?? POWER, [a, b]);
