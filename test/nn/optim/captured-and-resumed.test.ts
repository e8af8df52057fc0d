// A step with everything that stands around an update is one submit, and a run that was cut goes on with the same bits.
import { describe, expect, it } from 'vitest';
import { Dropout } from '../../../src/nn/layers/dropout.ts';
import { Linear } from '../../../src/nn/layers/linear.ts';
import { Sequential } from '../../../src/nn/layers/sequential.ts';
import { TRAIN } from '../../../src/nn/module.ts';
import { accumulateGradients } from '../../../src/nn/optim/accumulate-gradients.ts';
import { AdamW } from '../../../src/nn/optim/adam.ts';
import { Ema } from '../../../src/nn/optim/ema.ts';
import { Lion } from '../../../src/nn/optim/lion.ts';
import type { Optimizer } from '../../../src/nn/optim/optimizer.ts';
import { NO_DECAY } from '../../../src/nn/optim/parameter-groups.ts';
import * as schedules from '../../../src/nn/optim/schedule.ts';
import { mse } from '../../../src/ops/index.ts';
import { calls, only } from '../../support/calls.ts';
import { gpu, on } from '../../support/gpu.ts';
import { values } from '../../support/random.ts';
import { Pair, setGradients, weightsOf } from './pair.ts';

it('a step with all of it is one submit, and allocates nothing', async () => {
  const net = new Sequential(new Linear(3, 8), new Dropout(0.5), new Linear(8, 2)).to(gpu, 1);
  const optimizer = new AdamW(net.arena, {
    ...{ lr: schedules.warmUp(schedules.cosine(10, 0.1), 2), clipNorm: 1, clipValue: 0.5, groups: [NO_DECAY] },
  });
  const ema = new Ema(net, { warmup: true });
  const [x, y] = [on(values(1, 24), [8, 3]), on(values(2, 16), [8, 2])];
  const program = gpu.capture('step', () => {
    accumulateGradients(optimizer, 2, () => mse(net.forward(x, TRAIN), y));
    optimizer.step();
    ema.update();
  });
  program.replay();
  await gpu.idle();
  const before = gpu.memory.stats();
  const replays = async () => {
    for (let i = 0; i < 3; i++) program.replay();
  };
  expect(await calls(replays)).toEqual(only(3));
  expect(gpu.memory.stats().current).toBe(before.current);
  expect(Array.from(await net.draws!.data())).toEqual([10]);
  expect(await optimizer.state().get('clock')!.item()).toBe(5);
  program.dispose();
  for (const part of [ema, optimizer, net]) part.release();
});

describe('a run that was cut', () => {
  it.each<[string, (pair: Pair) => Optimizer]>([
    ['AdamW', ({ arena }) => new AdamW(arena, { lr: [0.1, 0.2, 0.3], clipNorm: 1, groups: [NO_DECAY] })],
    ['Lion', ({ arena }) => new Lion(arena, { lr: [0.1, 0.2, 0.3], clipValue: 0.5, lossScaling: true })],
  ])('goes on with the same bits: %s, and an average', async (_, make) => {
    const run = async (cut: boolean): Promise<unknown[]> => {
      let pair = new Pair().to(gpu, 1);
      let optimizer = make(pair);
      let ema = new Ema(pair, { warmup: true });
      for (let s = 0; s < 4; s++) {
        if (cut && s === 2) {
          const kept: ArrayLike<number>[] = [];
          const all = () => [pair.arena.values, ...optimizer.state().values(), ...ema.state().values()];
          for (const tensor of all()) kept.push(await tensor.data());
          for (const part of [optimizer, ema, pair]) part.release();
          pair = new Pair().to(gpu, 9);
          optimizer = make(pair);
          ema = new Ema(pair, { warmup: true });
          for (const [i, tensor] of all().entries()) tensor.set(kept[i]);
        }
        setGradients(pair, s);
        optimizer.step();
        ema.update();
      }
      const result = [await weightsOf(pair), await ema.arena.tensors.get('weight')!.floats()];
      for (const part of [optimizer, ema, pair]) part.release();
      return result;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
