// Activations computed twice: the same bits of results, gradients, running statistics and random numbers as without, in less memory, replayed as well.
import { expect, it } from 'vitest';
import { BatchNorm2d, Conv2d, Dropout, Linear, Module, TRAIN } from '../../src/nn/index.ts';
import { add, mul } from '../../src/ops/arithmetic/binary.ts';
import { gelu, relu } from '../../src/ops/elementwise/activations.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { backward, frozen, noGrad } from '../../src/tensor/autograd.ts';
import { checkpoint } from '../../src/tensor/checkpoint.ts';
import { scope } from '../../src/tensor/scope.ts';
import { type Tensor, TensorError } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';
import { values } from '../support/random.ts';

type Keep = (fn: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const plainly: Keep = (fn, x) => fn(x);
const again: Keep = (fn, x) => checkpoint(fn, x);

/** Blocks with everything that has a state: batch norm, dropout, a weight that all blocks share. */
class Blocks extends Module {
  readonly convs = [new Conv2d(4, 4), new Conv2d(4, 4)];
  readonly norms = [new BatchNorm2d(4), new BatchNorm2d(4)];
  readonly dropout = new Dropout(0.4);
  readonly head = new Linear(4, 4);

  forward(x: Tensor, keep: Keep): Tensor {
    let y = x;
    for (const [i, conv] of this.convs.entries())
      y = keep(
        (y) =>
          add(y, this.head.forward(this.dropout.forward(relu(this.norms[i].forward(conv.forward(y), TRAIN)), TRAIN))),
        y,
      );
    return y;
  }
}

async function trained(keep: Keep, captured: boolean) {
  const module = new Blocks().to(gpu, 3);
  const x = on(values(1, 2 * 6 * 6 * 4), [2, 6, 6, 4]);
  const probe = on(values(2, x.size), x.shape);
  const step = (): void => scope(() => backward(sum(mul(module.forward(x, keep), probe))));
  const program = captured ? gpu.capture('step', step) : undefined;
  if (!captured) step();
  for (let i = 0; i < 2; i++) program ? program.replay() : step();
  const read = {
    gradients: await Promise.all([...module.arena.tensors.values()].map(({ grad }) => grad!.floats())),
    statistics: await Promise.all([...module.bufferArena!.tensors.values()].map((buffer) => buffer.floats())),
    draws: await module.draws!.data(),
  };
  program?.dispose();
  for (const made of [module, x, probe]) made.release();
  return read;
}

it.each([false, true])(
  'gives the bits of what is stored: gradients, statistics, draws; captured %s',
  async (captured) => {
    expect(await trained(again, captured)).toEqual(await trained(plainly, captured));
  },
);

it('holds less memory', async () => {
  const peak = (keep: Keep): number => {
    const x = on(values(1, 4096), [4096]);
    x.requiresGrad = true;
    gpu.memory.resetPeak();
    const before = gpu.memory.stats().current;
    scope(() => {
      let y = x;
      for (let block = 0; block < 4; block++)
        y = keep((y) => {
          for (let i = 0; i < 4; i++) y = gelu(mul(y, y));
          return y;
        }, y);
      backward(sum(y));
    });
    const { peak } = gpu.memory.stats();
    x.grad!.release();
    x.release();
    return (peak - before) / 2 ** 14;
  };
  // 32 values of 16 KiB are stored; or 4 and the 8 of one block. Gradients and single numbers come on top.
  expect(peak(plainly)).toBeGreaterThan(32);
  expect(peak(again)).toBeLessThan(17);
});

it('nests, takes several inputs and gives several results, of which one may be an input and another unused', async () => {
  const run = async (keep: boolean) => {
    const [a, b] = [on(values(1, 8), [8]), on(values(2, 8), [8])];
    a.requiresGrad = true;
    b.requiresGrad = true;
    const inner = (x: Tensor): Tensor => mul(gelu(x), x);
    const outer = (a: Tensor, b: Tensor): Tensor[] => {
      const c = keep ? checkpoint(inner, mul(a, b)) : inner(mul(a, b));
      return [add(c, b), a, gelu(c)];
    };
    scope(() => {
      const [y, through] = keep ? checkpoint(outer, a, b) : outer(a, b);
      backward(sum(mul(y, add(through, b))));
    });
    const read = await Promise.all([a, b].map(({ grad }) => grad!.floats()));
    for (const made of [a.grad!, b.grad!, a, b]) made.release();
    return read;
  };
  // a and b are used inside and outside, so their gradients are added up in another order.
  const [twice, stored] = [await run(true), await run(false)];
  for (const [i, gradient] of stored.entries())
    for (const [k, value] of gradient.entries()) expect(twice[i][k]).toBeCloseTo(value, 5);
});

it('adds to gradients that are there, and leaves frozen tensors', async () => {
  const [x, w] = [on([1, 2], [2]), on([3, 4], [2])];
  x.requiresGrad = true;
  w.requiresGrad = true;
  scope(() => backward(sum(checkpoint((x) => mul(mul(x, w), x), x))));
  scope(() => backward(sum(checkpoint((x) => mul(mul(x, w), x), x)), { accumulate: true }));
  expect([...(await x.grad!.floats()), ...(await w.grad!.floats())]).toEqual([12, 32, 2, 8]);
  // The gradient is wanted when nothing is frozen any more.
  scope(() => backward(frozen([w], () => sum(checkpoint((x) => mul(x, w), x)))));
  expect([...(await x.grad!.floats()), ...(await w.grad!.floats())]).toEqual([3, 4, 2, 8]);
  expect(noGrad(() => checkpoint((x) => mul(x, w), x)).node).toBeUndefined();
});

it('learns by what a function uses where no input has a gradient, and refuses what it would miss', () => {
  const [x, w] = [on([1, 2], [2]), on([3, 4], [2])];
  w.requiresGrad = true;
  expect(checkpoint((x) => mul(x, w), x).requiresGrad).toBe(true);
  expect(checkpoint((x) => mul(x, x), x).requiresGrad).toBe(false);
  const hidden = mul(w, w);
  const call = (): Tensor => checkpoint((x) => mul(x, hidden), x);
  expect(call).toThrow(TensorError);
  expect(call).toThrow('checkpoint: the function uses mul, which has a gradient and is no input of it: give it as one');
});
