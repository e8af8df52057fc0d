// Attention against values of PyTorch: with a bias, causal, and where all keys of a query are hidden.
import { describe, expect, it } from 'vitest';
import {
  type AttentionOptions,
  scaledDotProductAttention,
} from '../../../src/ops/attention/scaled-dot-product-attention.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { on } from '../../support/gpu.ts';
import { KERNELS, under } from './cases.ts';

/** torch 1.13, softmax(q·kᵀ / √2 + b)·v and its gradients, to six digits: off by up to 2e-6 of 4 by that, and as much in f32. */
const TORCH = {
  q: [1.5, -0.25, -2.125, 0.625, -1.125, -1.375, 0.375, 0.875, -0.75, -0.375, -0.625, 0.125],
  k: [0.5, -0.125, 1.5, 0.25, 0.125, 0.875, -0.125, -0.125, 0.875, 1.25, 2, 0, 0.625, -0.375, -0.875, -2.375],
  v: [
    ...[-0.25, -0.75, 0.625, 0.25, -0.125, -0.625, 1, 0.5, -0.625, 0.875, 1.125, 1.25],
    ...[-1.5, 2.625, -0.5, 0.375, -1.625, -0.5, -0.5, -0.5, -1.125, 1.125, -0.125, 0.75],
  ],
  b: [0, 0.25, 0, -0.875, -1.125, -0.25, 0.25, -0.25, 2, 0, 0.125, -0.75],
  dy: [
    ...[0.125, 1.125, -0.625, -1.25, 0.125, -0.625, 0.625, -0.75, -0.875],
    ...[-0.375, 0.5, -1, 0.125, 0.125, -0.75, 0.25, -0.125, 0.125],
  ],
  y: [
    ...[0.260764, -0.125877, -0.310093, 0.865975, 0.617953, 0.0616381, -0.0565126, -0.487874, 0.555618],
    ...[-0.618111, 0.531581, -0.582647, 0.528816, -0.226954, 0.103843, -1.08376, 1.82855, -0.475067],
  ],
  dq: [
    ...[0.0544035, 0.109789, 0.0892587, 0.111535, 0.0540079, 0.0516899],
    ...[-0.411844, 0.578315, 0.282546, 0.377364, -0.0612213, -0.269974],
  ],
  dk: [
    ...[-0.353136, 0.0543637, 0.0551845, -0.0384324, -0.151174, -0.0143993, 0.449125, -0.00153215],
    ...[0.2159, 0.349833, -0.179079, -0.350304, -0.127373, -0.0527024, 0.0905523, 0.0531736],
  ],
  dv: [
    ...[0.46644, -0.390827, -0.866613, 0.0618892, 0.722219, -0.464783, -0.674143, 0.145583, -0.486542],
    ...[-0.354186, 0.0230245, -0.307061, 0.0209756, 0.140916, -0.395831, -0.115166, 0.186084, -0.414995],
    ...[0.00268394, 0.0987781, -0.346986, 0.0915069, 0.0742213, -0.467188],
  ],
  db: [
    ...[0.339735, -0.434621, 0.103748, -0.00886266, 0.0685998, 0.0560947],
    ...[0.349186, -0.47388, -0.144103, 0.0771717, 0.100644, -0.0337132],
  ],
  causal: [
    ...[-0.25, -0.75, 0.625, -0.145988, -0.619985, 0.364969, 0.185421, -0.293087, 0.0606298],
    ...[-1.5, 2.625, -0.5, -0.686073, 0.780099, -0.5, -0.708382, 0.500115, -0.740693],
  ],
};

describe.each(KERNELS)('values of PyTorch, %s', (kernel) => {
  const { q, k, v, b, dy } = TORCH;
  const given = (): Tensor[] => {
    const made = [on(q, [1, 2, 3, 2]), on(k, [1, 2, 4, 2]), on(v, [1, 2, 4, 3]), on(b, [3, 4])];
    for (const x of made) x.requiresGrad = true;
    return made;
  };
  it('with a bias, and its gradient', () =>
    under(kernel, async () => {
      const inputs = given();
      const y = scaledDotProductAttention(inputs[0], inputs[1], inputs[2], { bias: inputs[3] });
      expect(relativeError(await y.floats(), TORCH.y)).toBeLessThan(4e-6);
      backward(y, { gradient: on(dy, y.shape) });
      for (const [i, name] of (['dq', 'dk', 'dv', 'db'] as const).entries())
        expect(relativeError(await inputs[i].grad!.floats(), TORCH[name]), name).toBeLessThan(4e-6);
    }));
  it('causal', () =>
    under(kernel, async () => {
      const y = scaledDotProductAttention(...(given().slice(0, 3) as [Tensor, Tensor, Tensor]), { causal: true });
      expect(relativeError(await y.floats(), TORCH.causal)).toBeLessThan(4e-6);
    }));
  it('a query whose keys are all hidden by a mask or by −Infinity gets zeros, and passes no gradient', () =>
    under(kernel, async () => {
      for (const options of [
        { mask: on([0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1], [3, 4], kernel === 'plain' ? 'u32' : 'f32') },
        { bias: on(new Array(4).fill(Number.NEGATIVE_INFINITY).concat([0, 0, 0, 0, 0, 0, 0, 0]), [3, 4]) },
      ]) {
        const [x, z, w] = given();
        const y = scaledDotProductAttention(x, z, w, options);
        backward(y, { gradient: on(dy, y.shape) });
        for (const [row, length] of [
          [y, 3],
          [x.grad!, 2],
        ] as const) {
          const values = await row.floats();
          for (const head of [0, 1])
            expect([...values.slice(head * 3 * length, head * 3 * length + length)]).toEqual(new Array(length).fill(0));
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }
    }));
});

it('takes a mask and a bias together as a bias of −Infinity where the mask is zero', async () => {
  const mask = [1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1];
  const run = async (given: (b: Tensor) => AttentionOptions, values: number[]): Promise<Float32Array[]> => {
    const [q, k, v, b] = [on(TORCH.q, [2, 3, 2]), on(TORCH.k, [2, 4, 2]), on(TORCH.v, [2, 4, 3]), on(values, [3, 4])];
    b.requiresGrad = true;
    const y = scaledDotProductAttention(q, k, v, given(b));
    backward(y, { gradient: on(TORCH.dy, y.shape) });
    return [await y.floats(), await b.grad!.floats()];
  };
  const hidden = TORCH.b.map((value, i) => (mask[i] === 0 ? Number.NEGATIVE_INFINITY : value));
  const both = await run((bias) => ({ bias, mask: on(mask, [3, 4]) }), TORCH.b);
  expect(both).toEqual(await run((bias) => ({ bias }), hidden));
});
