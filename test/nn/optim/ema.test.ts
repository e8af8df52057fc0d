// Averages of weights: how they forget, what replays give, and f16 copies.
import { describe, expect, it } from 'vitest';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { Ema } from '../../../src/nn/optim/ema.ts';
import { Sgd } from '../../../src/nn/optim/sgd.ts';
import { stateDict } from '../../../src/nn/state-dict.ts';
import { relativeError } from '../../support/check.ts';
import { gpu } from '../../support/gpu.ts';
import { Pair, setGradients, wave, weightsOf } from './pair.ts';

describe('an average of weights', () => {
  it('forgets by its decay, at first faster where that is asked for, and replays', async () => {
    for (const warmup of [false, true]) {
      const pair = new Pair().to(gpu, 1);
      const ema = new Ema(pair, { decay: 0.7, warmup });
      const optimizer = new Sgd(pair.arena, { lr: 0.5 });
      setGradients(pair, 0);
      const expected = Float64Array.from(wave('w', 6));
      const program = gpu.capture('step', () => {
        optimizer.step();
        ema.update();
      });
      for (let s = 0; s < 4; s++) {
        if (s > 0) program.replay();
        const now = await pair.weight.tensor.floats();
        const decay = warmup ? Math.min(0.7, (1 + s) / (10 + s)) : 0.7;
        for (const [i, w] of now.entries()) expected[i] = decay * expected[i] + (1 - decay) * w;
      }
      expect(relativeError((await stateDict(ema)).get('weight')!.data, transposed(expected))).toBeLessThan(1e-6);
      expect([...(await stateDict(ema)).keys()]).toEqual(['weight', 'bias', 'seen']);
      program.dispose();
      for (const part of [ema, optimizer, pair]) part.release();
    }
  });
  /** [2, 3] as torch has it. */
  const transposed = (all: Float64Array): number[] => [0, 1, 2].flatMap((i) => [all[i], all[3 + i]]);

  it.skipIf(!gpu.capabilities.f16)(
    'takes the place of the weights, with their f16 copies, and gives it back',
    async () => {
      const pair = new Pair().to(gpu, 1, { precision: 'f16' });
      const ema = new Ema(pair);
      const start = await weightsOf(pair);
      pair.weight.tensor.set([6, 5, 4, 3, 2, 1]);
      pair.seen.tensor.set([7, 8]);
      ema.swap();
      expect(await weightsOf(pair)).toEqual(start);
      expect(Array.from(await pair.weight.tensor.half!.floats())[0]).toBeCloseTo(start[0], 3);
      expect(await pair.seen.tensor.floats()).toEqual(wave('s', 2));
      ema.swap();
      expect(Array.from(await pair.weight.tensor.floats())).toEqual([6, 5, 4, 3, 2, 1]);
      expect(Array.from(await pair.weight.tensor.half!.floats())).toEqual([6, 5, 4, 3, 2, 1]);
      expect(Array.from(await pair.seen.tensor.floats())).toEqual([7, 8]);
      const other = new Pair().to(gpu, 2);
      other.weight.tensor.set(new Float32Array(6));
      ema.copyTo(other);
      expect(await weightsOf(other)).toEqual(start);
      expect(() => ema.copyTo(new Linear(2, 3).to(gpu, 1))).toThrow('Ema: Linear parameters has other tensors than');
      const before = gpu.memory.stats().current;
      ema.release();
      expect(gpu.memory.stats().current).toBeLessThan(before);
      for (const part of [pair, other]) part.release();
    },
  );
});
