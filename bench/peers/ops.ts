// What is not a convolution, by name: elementwise ops alone and in a chain, reductions, normalization, softmax and products in batches, at the sizes of a ViT-B/16.
import {
  add,
  count,
  layerNorm,
  matmul,
  max,
  mul,
  normalArray,
  relu,
  type Shape,
  softmax,
  sum,
  type Tensor,
  tanh,
  tensor,
} from 'astrogpu/tensor';
import type { Comparison, OpName, OpTask } from './comparison.ts';
import { ourKernel } from './kernels.ts';

const TOKENS = 8 * 197;
const WIDTH = 768;
const HEADS = 8 * 12;

interface Row {
  title: string;
  /** Of the inputs. */
  shapes: Shape[];
  op(inputs: Tensor[]): Tensor;
}

const ROWS: Record<OpName, Row> = {
  relu: { title: `relu, ${TOKENS}×3072`, shapes: [[TOKENS, 4 * WIDTH]], op: ([x]) => relu(x) },
  bias: {
    title: `add a bias, ${TOKENS}×3072`,
    shapes: [[TOKENS, 4 * WIDTH], [4 * WIDTH]],
    op: ([x, bias]) => add(x, bias),
  },
  chain: {
    title: `tanh(x·weight + bias)·y + x, ${TOKENS}×3072`,
    shapes: [[TOKENS, 4 * WIDTH], [4 * WIDTH], [4 * WIDTH], [TOKENS, 4 * WIDTH]],
    op: ([x, weight, bias, y]) => add(mul(tanh(add(mul(x, weight), bias)), y), x),
  },
  'sum rows': {
    title: `sum over the last axis, ${TOKENS}×3072`,
    shapes: [[TOKENS, 4 * WIDTH]],
    op: ([x]) => sum(x, 1),
  },
  'sum columns': {
    title: `sum over the first axis, ${TOKENS}×3072`,
    shapes: [[TOKENS, 4 * WIDTH]],
    op: ([x]) => sum(x, 0),
  },
  max: { title: `max over the last axis, ${TOKENS}×3072`, shapes: [[TOKENS, 4 * WIDTH]], op: ([x]) => max(x, 1) },
  layerNorm: {
    title: `layerNorm, ${TOKENS}×${WIDTH}`,
    shapes: [[TOKENS, WIDTH], [WIDTH], [WIDTH]],
    op: ([x, weight, bias]) => layerNorm(x, { weight, bias }),
  },
  softmax: { title: `softmax, ${HEADS}×197×197`, shapes: [[HEADS, 197, 197]], op: ([x]) => softmax(x) },
  matmul: {
    title: `matmul, ${HEADS} of 197×64 by 64×197`,
    shapes: [
      [HEADS, 197, 64],
      [HEADS, 64, 197],
    ],
    op: ([a, b]) => matmul(a, b),
  },
};

/** f32 on every side; sums of at most 3,072 values in another order, of the order of 50 together. */
const TOLERANCE = 1e-4;

export const opComparisons: Comparison[] = Object.entries(ROWS).map(([name, { title, shapes, op }]) => {
  // Made when it is their turn: all together take seconds, which who asks for help or for one row need not wait for.
  let made: OpTask['inputs'] | undefined;
  const inputs = (): OpTask['inputs'] =>
    (made ??= shapes.map((shape, i) => ({ shape, values: normalArray(count(shape), 5, i) })));
  return {
    name: title,
    tolerance: TOLERANCE,
    ours(gpu) {
      const tensors = inputs().map(({ shape, values }) => tensor(gpu, values, shape));
      return ourKernel(gpu, tensors, () => op(tensors));
    },
    theirs: (peer) => peer.op({ op: name as OpName, inputs: inputs() }),
  };
});
