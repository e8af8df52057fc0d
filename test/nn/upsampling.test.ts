// The transposed convolution that starts as bilinear upsampling: its weight, what it does to a ramp, and its gradients.
import { describe, expect, it } from 'vitest';
import { bilinear } from '../../src/nn/init.ts';
import { ConvTranspose2d } from '../../src/nn/layers/conv-transpose2d.ts';
import { convTranspose2d } from '../../src/ops/conv/conv-transpose2d.ts';
import { noGrad } from '../../src/tensor/autograd.ts';
import { checkOp } from '../support/check.ts';
import { dataReference } from '../support/conv.ts';
import { gpu, on } from '../support/gpu.ts';

describe('bilinear', () => {
  it('of kernel 4 is the outer product of ¼ ¾ ¾ ¼, of kernel 3 that of ½ 1 ½', () => {
    const outer = (row: number[]): number[] => row.flatMap((a) => row.map((b) => a * b));
    expect([...bilinear(4)(16, 0, 0)]).toEqual(outer([0.25, 0.75, 0.75, 0.25]));
    expect([...bilinear(3)(9, 0, 0)]).toEqual(outer([0.5, 1, 0.5]));
  });

  it('leaves channels apart', () => {
    const weight = bilinear(4)(64, 0, 0);
    const one = bilinear(4)(16, 0, 0);
    for (let tap = 0; tap < 16; tap++)
      expect([...weight.subarray(4 * tap, 4 * tap + 4)]).toEqual([one[tap], 0, 0, one[tap]]);
  });

  it('doubles a ramp to a ramp, away from the edges', async () => {
    const layer = new ConvTranspose2d(1, 1, { kernel: 4, padding: 1, bias: false, init: bilinear(4) }).to(gpu, 1);
    expect(layer.namedParameters().map(([name]) => name)).toEqual(['weight']);
    const [height, width] = [5, 6];
    const ramp = Array.from({ length: height * width }, (_, i) => Math.floor(i / width) + 10 * (i % width));
    const made = noGrad(() => layer.forward(on(ramp, [1, height, width, 1])));
    expect(made.shape).toEqual([1, 10, 12, 1]);
    const y = await made.floats();
    // Pixel i of the larger image has its middle at (i + ½) / 2 − ½ of the smaller.
    for (let i = 1; i < 9; i++)
      for (let j = 1; j < 11; j++) expect(y[12 * i + j]).toBeCloseTo((2 * i - 1) / 4 + (10 * (2 * j - 1)) / 4, 4);
    for (const one of [made, layer]) one.release();
  });
});

it.each([
  [1, 3, 5],
  [2, 7, 1],
])('kernel 4, stride 2, padding 1 on %i images of %i×%i', (n, ho, wo) => {
  const g = {
    ...{ n, h: 2 * ho, w: 2 * wo, ci: 1, ho, wo, co: 1, kh: 4, kw: 4 },
    ...{ sh: 2, sw: 2, ph: 1, pw: 1, dh: 1, dw: 1, groups: 1 },
  };
  return checkOp({
    inputs: [{ shape: [n, ho, wo, 1] }, { shape: [4, 4, 1, 1] }],
    op: ([x, w]) => convTranspose2d(x, w, { stride: 2, padding: 1 }),
    reference: ([x, w]) => dataReference(g, x, w),
  });
});
