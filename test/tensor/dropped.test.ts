// Tensors that a program drops: their memory comes back, that of others does not, and who listens hears where they were made.
import { describe, expect, it } from 'vitest';
import { Gpu } from '../../src/gpu/gpu.ts';
import { relu } from '../../src/ops/index.ts';
import { copyInto, tensor, zeros } from '../../src/tensor/index.ts';
import { collected } from '../support/collected.ts';
import { gpu, on } from '../support/gpu.ts';

describe('a dropped tensor', () => {
  it('gives its memory back, also with views and a record of how it was made', async () => {
    await collected();
    const before = gpu.memory.stats().current;
    (() => {
      for (let i = 0; i < 200; i++) {
        const x = on([1, 2], [2]);
        x.requiresGrad = true;
        relu(x).alias([1]);
      }
    })();
    expect(gpu.memory.stats().current).toBe(before + 400 * 256);
    await collected();
    expect(gpu.memory.stats().current).toBe(before);
  });

  it('keeps it while a view lives, and is not freed twice', async () => {
    const kept = (() => on([1, 2, 3, 4], [4]).alias([2]))();
    (() => on([1], [1]).release())();
    await collected();
    const others = Array.from({ length: 20 }, () => on([9, 9, 9, 9], [4]));
    expect([...(await kept.floats())]).toEqual([1, 2]);
    for (const made of [kept, ...others]) made.release();
  });

  it('stays with a program that uses it', async () => {
    const y = zeros(gpu, [2]);
    const program = (() => {
      const x = on([3, 4], [2]);
      return gpu.capture('uses what is dropped', () => {
        const made = relu(x);
        copyInto(y, made);
      });
    })();
    await collected();
    const others = Array.from({ length: 20 }, () => on([9, 9], [2]));
    program.replay();
    expect([...(await y.floats())]).toEqual([3, 4]);
    program.dispose();
    for (const made of [y, ...others]) made.release();
  });

  it('is named with the place where it was made, where somebody listens', async () => {
    const heard: string[] = [];
    const other = await Gpu.open({ onDrop: (message) => heard.push(message) });
    (() => {
      relu(tensor(other, [1], [1], 'lost')).release();
    })();
    await collected();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(
      /^lost \(0\.000 MiB\) was dropped without release\(\) or a scope; it was made at .*dropped\.test\.ts:\d+:\d+\)?$/,
    );
    await other.close();
  });
});
