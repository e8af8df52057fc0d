// Functions of one tensor, element by element, f32 or f16: a definition each. NaN stays NaN, infinities and zeros give what float64 gives; values are within a few units in
// the last place of f32. What neural networks put between layers is in activations.ts.
import type { Tensor } from '../../tensor/index.ts';
import { applyUnary, unary } from './define.ts';

/** eˣ, any shape, f32 or f16. Throws TensorError for another dtype. */
export const exp = unary('exp', { value: 'exp(x)', slope: 'g * y' });

/** eˣ − 1, exact also near 0; as exp. */
export const expm1 = unary('expm1', { value: 'expm1(x)', slope: 'g * (y + 1.0)' });

/** The natural logarithm: −∞ of 0, NaN below; as exp. */
export const log = unary('log', { value: 'log(x)', slope: 'g / x' });

/** log(1 + x), exact also near 0; as exp. */
export const log1p = unary('log1p', { value: 'log1p(x)', slope: 'g / (1.0 + x)' });

/** √x, NaN below 0; the gradient at 0 is infinite. As exp. */
export const sqrt = unary('sqrt', { value: 'sqrt(x)', slope: '0.5 * g / y' });

/** 1 / √x: ∞ of 0, NaN below; as exp. */
export const rsqrt = unary('rsqrt', { value: 'inverse_root(x)', slope: '-0.5 * g * y * y * y' });

/** x²; as exp. */
export const square = unary('square', { value: 'x * x', slope: '2.0 * g * x' });

/** 1 / x: ±∞ of ±0; as exp. */
export const reciprocal = unary('reciprocal', { value: 'quotient(F(1), x)', slope: '-g * y * y' });

/** −x; as exp. */
export const neg = unary('neg', { value: '-x', slope: '-g' });

/** |x|, any shape, f32 or f16. The gradient at 0 is 0. Throws TensorError for another dtype. */
export const abs = unary('abs', { value: 'abs(x)', slope: 'sign(x) * g' });

/** −1, 0 or 1, a constant; as exp. */
export const sign = unary('sign', { value: 'sign_of(x)' });

/** The sine, of any argument; as exp. */
export const sin = unary('sin', { value: 'sin(x)', slope: 'g * cos(x)' });

/** The cosine, of any argument; as exp. */
export const cos = unary('cos', { value: 'cos(x)', slope: '-g * sin(x)' });

/** The hyperbolic tangent; as exp. */
export const tanh = unary('tanh', { value: 'tanh(x)', slope: 'g * (1.0 - y * y)' });

/** The error function 2/√π ∫₀ˣ exp(−t²) dt; as exp. */
export const erf = unary('erf', { value: 'erf(x)', slope: '1.12837917 * g * exp(-x * x)' });

/** The largest whole number up to x, a constant; as exp. */
export const floor = unary('floor', { value: 'round_down(x)' });

/** The smallest whole number from x, a constant; as exp. */
export const ceil = unary('ceil', { value: '-round_down(-x)' });

/** The nearest whole number, the even one of two, as NumPy and PyTorch round; a constant; as exp. */
export const round = unary('round', { value: 'round(x)' });

/** 1 where x is a number, 0 where it is infinite or NaN, a constant; as exp. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: what NumPy and PyTorch call it
export const isFinite = unary('isFinite', { value: 'one_where(is_finite(x))' });

/**
 * x where it is from `low` to `high`, else the nearer of them; ±Infinity bounds nothing. The gradient passes from low to high, both included, as PyTorch's clamp. As exp.
 */
export const clip = (x: Tensor, low: number, high: number): Tensor =>
  applyUnary('clip', { value: 'between(x, low, high)', slope: 'select(F(0), g, (x >= low) & (x <= high))' }, x, {
    low,
    high,
  });
