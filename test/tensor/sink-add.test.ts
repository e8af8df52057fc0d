// sink.add: an op that adds its gradient to one that is there already, in its memory, and the cases in which that may not be touched.
import { describe, expect, it } from 'vitest';
import { add } from '../../src/ops/arithmetic/binary.ts';
import { scale } from '../../src/ops/elementwise/scale.ts';
import { sum } from '../../src/ops/reduce/sum.ts';
import { addInPlace, copyInto } from '../../src/tensor/accumulate.ts';
import { backward, record, view } from '../../src/tensor/autograd.ts';
import { keep, scope } from '../../src/tensor/scope.ts';
import { empty, type Tensor } from '../../src/tensor/tensor.ts';
import { gpu, on } from '../support/gpu.ts';

const parameter = (values: number[]): Tensor => {
  const made = on(values, [values.length]);
  made.requiresGrad = true;
  return made;
};
const gradient = async (x: Tensor): Promise<number[]> => [...(await x.grad!.floats())];
const ones = (n: number): Tensor => on(new Array(n).fill(1), [n]);

describe('gradients that an op adds to', () => {
  /** 1x, whose backward adds into a gradient that is there: notes whether it was. */
  const adding = (x: Tensor, seen: boolean[]): Tensor => {
    const y = scale(x.detach(), 1);
    return record('adding', y, [x], (gradient, sink) =>
      sink.add(0, (out, adds) => {
        seen.push(adds);
        (adds ? addInPlace : copyInto)(out, gradient);
      }),
    );
  };

  it('are first written, then added to in place', async () => {
    const x = parameter([1, 2]);
    x.grad = keep(empty(gpu, [2], 'gradient'));
    const seen: boolean[] = [];
    const h = scale(x, 3);
    const y = add(scale(adding(h, seen), 2), scale(adding(h, seen), 5));
    const upstream = ones(2);
    const labels = gpu
      .capture('backward', () => backward(y, { gradient: upstream }), { fuse: false })
      .dispatches.map(({ label }) => label);
    expect(seen).toEqual([false, true]);
    expect(labels.filter((label) => label === 'accumulate/add')).toHaveLength(1);
    expect(await gradient(x)).toEqual([21, 21]);
  });

  it('are those of a parameter, too, where they are gathered', async () => {
    const x = parameter([1, 2]);
    const seen: boolean[] = [];
    const step = (accumulate: boolean): void =>
      scope(() => backward(add(adding(x, seen), scale(adding(x, seen), 5)), { gradient: ones(2), accumulate }));
    step(false);
    step(false);
    expect(await gradient(x)).toEqual([6, 6]);
    step(true);
    expect(await gradient(x)).toEqual([12, 12]);
    expect(seen).toEqual([false, true, false, true, true, true]);
  });

  it('are copied first where another tensor sees them', async () => {
    const x = parameter([1]);
    const z = parameter([2]);
    const seen: boolean[] = [];
    const [a, b] = [scale(x, 1), scale(z, 1)];
    // add hands one tensor to both sides; what a gets besides must not reach b.
    const other = scale(adding(a, seen), 10);
    const y = add(other, add(a, b));
    backward(y, { gradient: ones(1) });
    expect(seen).toEqual([true]);
    expect(await gradient(x)).toEqual([11]);
    expect(await gradient(z)).toEqual([1]);
  });

  it('are those of a part, in its place', async () => {
    const x = parameter(Array.from({ length: 128 }, (_, i) => i));
    const seen: boolean[] = [];
    const piece = view(scale(x, 3), [4], 64);
    backward(add(sum(adding(piece, seen)), sum(scale(adding(piece, seen), 4))));
    expect(seen).toEqual([false, true]);
    expect(await gradient(x)).toEqual(new Array(128).fill(0).fill(15, 64, 68));
  });

  it('are left out where nobody wants them', () => {
    const [x, z] = [parameter([1]), on([1], [1])];
    const seen: boolean[] = [];
    backward(add(scale(x, 1), adding(z, seen)), { gradient: ones(1) });
    expect(seen).toEqual([]);
  });
});
