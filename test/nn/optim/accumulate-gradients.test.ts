// Gradients accumulated over parts of a batch are those of the whole batch.
import { describe, expect, it } from 'vitest';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { accumulateGradients } from '../../../src/nn/optim/accumulate-gradients.ts';
import { Ema } from '../../../src/nn/optim/ema.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { mean, mul, slice } from '../../../src/ops/index.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { relativeError } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';

describe('accumulated gradients', () => {
  const x = on(values(1, 24), [8, 3]);
  const lossOf = (line: Linear, rows: Tensor): Tensor => {
    const y = line.forward(rows);
    return mean(mul(y, y));
  };
  const part = (i: number): Tensor => slice(x, [2 * i, 0], [2, 3]);

  it('are those of one large batch, under a loss scale and in a captured step', async () => {
    const line = new Linear(3, 2).to(gpu, 1);
    const large = lossOf(line, x);
    backward(large);
    const expected = await line.weight.tensor.grad!.floats();
    for (const lossScaling of [false, true]) {
      const optimizer = new Sgd(line.arena, { lr: 0, lossScaling });
      line.arena.gradients.set(new Float32Array(line.arena.gradients.size).fill(5));
      let loss!: Tensor;
      const program = gpu.capture('step', () => {
        loss = accumulateGradients(optimizer, 4, (i) => lossOf(line, part(i)));
        optimizer.step();
      });
      const factor = lossScaling ? 65536 : 1;
      const first = await line.weight.tensor.grad!.floats();
      expect(
        relativeError(
          first,
          expected.map((g) => g * factor),
        ),
      ).toBeLessThan(1e-6);
      program.replay();
      expect(await line.weight.tensor.grad!.floats()).toEqual(first);
      expect(Math.abs((await loss.item()) / (await large.item()) - 1)).toBeLessThan(1e-6);
      program.dispose();
      optimizer.release();
    }
    expect(() => accumulateGradients(new Sgd(line.arena, { lr: 0 }), 0, () => large)).toThrow('passes is 0');
    const nothing = (() => {}) as unknown as () => Tensor;
    expect(() => accumulateGradients(new Sgd(line.arena, { lr: 0 }), 2, nothing)).toThrow('pass 0 returned undefined');
    expect(() => new Ema(undefined as never)).toThrow('Ema: its argument module is missing');
  });
});
