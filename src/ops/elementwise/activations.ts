// What stands between the layers of neural networks: functions of one tensor, element by element, f32 or f16, a definition each. At kinks the gradient is PyTorch's; where
// it writes a product, x · p(x), so does this, so that −∞ may give NaN.
import { needScalars, type Tensor, TensorError } from '../../tensor/index.ts';
import { applyUnary, unary } from './define.ts';

/** max(x, 0), any shape, f32 or f16. The gradient at 0 is 0. Throws TensorError for another dtype. */
export const relu = unary('relu', { value: 'at_least(x, F(0))', slope: 'select(g, F(0), y <= F(0))' });

/** min(max(x, 0), 6); the gradient at 0 and 6 is 0. As relu. */
export const relu6 = unary('relu6', {
  value: 'between(x, F(0), F(6))',
  slope: 'select(g, F(0), (y <= F(0)) | (y >= F(6)))',
});

/** x above 0, negativeSlope · x elsewhere, 0 included; as relu. */
export const leakyRelu = (x: Tensor, negativeSlope = 0.01): Tensor =>
  applyUnary(
    'leakyRelu',
    { value: 'select(negativeSlope * x, x, x > F(0))', slope: 'select(negativeSlope * g, g, x > F(0))' },
    x,
    { negativeSlope },
  );

/** x above 0, alpha · (eˣ − 1) elsewhere, where the gradient is alpha · eˣ, at 0 too; as relu. */
export const elu = (x: Tensor, alpha = 1): Tensor =>
  applyUnary(
    'elu',
    { value: 'select(alpha * expm1(x), x, x > F(0))', slope: 'select(alpha * g * exp(x), g, x > F(0))' },
    x,
    { alpha },
  );

/** The logistic function 1 / (1 + exp(−x)), any shape, f32 or f16. Throws TensorError for another dtype. */
export const sigmoid = unary('sigmoid', { value: 'sigmoid(x)', slope: 'g * y * (1.0 - y)' });

/** log(sigmoid(x)), exact also where the sigmoid is nearly 0 or 1; as relu. */
export const logSigmoid = unary('logSigmoid', {
  value: 'smaller(x, F(0)) - log1p(exp(-abs(x)))',
  slope: 'g * sigmoid(-x)',
});

/** log(1 + exp(beta · x)) / beta, exact everywhere: there is no threshold above which it becomes x. As relu; throws TensorError for a beta below 0. */
export function softplus(x: Tensor, beta = 1): Tensor {
  needScalars('softplus', { beta });
  const value = 'at_least(x, F(0)) + log1p(exp(-abs(beta * x))) / beta';
  return applyUnary('softplus', { value, slope: 'g * sigmoid(beta * x)' }, x, { beta });
}

/** x · sigmoid(x), also called swish; as relu. */
export const silu = unary('silu', {
  value: 'x / (1.0 + exp(-x))',
  slope: 'g * sigmoid(x) * fma(x, 1.0 - sigmoid(x), F(1))',
});

/** Which gelu: x · Φ(x) itself, or the approximation of Φ by tanh that many published weights were trained with. */
export interface GeluOptions {
  approximate?: 'none' | 'tanh';
}

/** x · Φ(x), Φ the normal distribution; as relu. Throws TensorError for another approximation. */
export function gelu(x: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor {
  const definition = GELU[approximate];
  if (!Object.hasOwn(GELU, approximate))
    throw new TensorError(`gelu: approximate is ${approximate}, it must be 'none' or 'tanh'`);
  return applyUnary('gelu', definition, x, {}, { approximate });
}

const GELU = {
  none: { value: 'x * normal(x)', slope: 'g * fma(x, normal_density(x), normal(x))' },
  tanh: { value: 'x * nearly_normal(x)', slope: 'g * gelu_tanh_slope(x)' },
};

/** x · tanh(softplus(x)); as relu. */
export const mish = unary('mish', { value: 'x * tanh_of_softplus(x)', slope: 'g * mish_slope(x)' });

/** min(max(x + 3, 0), 6) / 6; the gradient at −3 and 3 is 0. As relu. */
export const hardSigmoid = unary('hardSigmoid', {
  value: 'between(x + 3.0, F(0), F(6)) / 6.0',
  slope: 'select(F(0), g / 6.0, abs(x) < F(3))',
});

/** x · hardSigmoid(x); the gradient is −½ at −3 and 1½ at 3. As relu. */
export const hardSwish = unary('hardSwish', {
  value: 'x * (between(x + 3.0, F(0), F(6)) / 6.0)',
  slope: 'select(select(g, g * (x / 3.0 + 0.5), x <= F(3)), F(0), x < F(-3))',
});
