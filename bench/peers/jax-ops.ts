// The ops of ops.ts in jax-js, each one jitted function.
import type { Array as Values } from '@jax-js/jax';
import type { OpName, OpTask, PreparedTask } from './comparison.ts';
import { type JaxLibrary, preparedKernel } from './jax-kernels.ts';

const EPS = 1e-5;

export function jaxOp(jax: JaxLibrary, { op, inputs }: OpTask): PreparedTask {
  const { numpy: np, nn } = jax;
  const ops: Record<OpName, (...inputs: Values[]) => Values> = {
    relu: (x) => nn.relu(x),
    bias: (x, bias) => x.add(bias),
    chain: (x, weight, bias, y) => np.tanh(x.ref.mul(weight).add(bias)).mul(y).add(x),
    'sum rows': (x) => np.sum(x, 1),
    'sum columns': (x) => np.sum(x, 0),
    max: (x) => np.max(x, 1),
    layerNorm(x, weight, bias) {
      const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
      const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
      return centered
        .div(np.sqrt(variance.add(EPS)))
        .mul(weight)
        .add(bias);
    },
    softmax: (x) => nn.softmax(x, -1),
    matmul: (a, b) => np.matmul(a, b),
  };
  const made = inputs.map(({ values, shape }) => np.array(values, { shape: [...shape] }));
  return preparedKernel(jax, made, ops[op], (values) => values);
}
