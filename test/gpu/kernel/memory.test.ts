// The allocator: classes, reuse, accounting by label, the budget's error, and what a capture keeps for itself.
import { afterEach, describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../../src/gpu/device/errors.ts';
import { sizeClass } from '../../../src/gpu/kernel/memory.ts';
import type { Program } from '../../../src/gpu/kernel/program.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { empty, tensor, zeros } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

afterEach(() => {
  gpu.memory.budget = Number.POSITIVE_INFINITY;
});

describe('sizeClass', () => {
  it.each([1, 16, 255, 256, 257, 1000, 4096, 4097, 123456, 2 ** 20 + 1])(
    'holds %i bytes with at most a fifth of slack',
    (bytes) => {
      const held = sizeClass(bytes);
      expect(held).toBeGreaterThanOrEqual(bytes);
      expect(held % 4).toBe(0);
      if (bytes > 256) expect(held).toBeLessThan(bytes * 1.25);
    },
  );
});

describe('memory', () => {
  it('hands a freed buffer to the next request of its class, under the new label', () => {
    const first = gpu.allocate('first', 5000);
    const { buffer } = first;
    gpu.release(first);
    const second = gpu.allocate('second', 4900);
    expect(second.buffer).toBe(buffer);
    expect(buffer.label).toBe('second');
    gpu.release(second);
  });

  it('refuses to free twice', () => {
    const allocation = gpu.allocate('twice', 64);
    gpu.release(allocation);
    expect(() => gpu.release(allocation)).toThrow('twice was freed twice');
  });

  it('accounts by label and remembers the peak', () => {
    const before = gpu.memory.stats().current;
    gpu.memory.resetPeak();
    const held = [gpu.allocate('accounted', 1024), gpu.allocate('accounted', 1024)];
    const row = gpu.memory.stats().byLabel.find(({ label }) => label === 'accounted');
    expect(row).toEqual({ label: 'accounted', bytes: 2048, count: 2 });
    for (const allocation of held) gpu.release(allocation);
    const after = gpu.memory.stats();
    expect(after.current).toBe(before);
    expect(after.peak).toBe(before + 2048);
  });

  it('names the tensor, the request and the largest holders when the budget is reached', () => {
    const holder = empty(gpu, [1024, 16384], 'the largest holder');
    gpu.memory.budget = gpu.memory.stats().current + 1000;
    expect(() => empty(gpu, [3000], 'one too many')).toThrow(OutOfMemoryError);
    expect(() => empty(gpu, [3000], 'one too many')).toThrow(
      /no memory for one too many \(0\.011 MiB\).*budget.*the largest holder 64\.0 MiB/,
    );
    holder.release();
  });

  it('names a tensor that no buffer of the device can hold', () => {
    expect(() => gpu.allocate('a giant', 2 ** 40)).toThrow(
      /no memory for a giant \(1048576\.0 MiB\): one buffer of this device holds at most/,
    );
  });

  it('destroys pooled buffers behind a fence, and they can be allocated again', async () => {
    gpu.release(gpu.allocate('trimmed', 70000));
    await gpu.trim();
    const { reserved, current } = gpu.memory.stats();
    expect(reserved).toBe(current);
    const again = zeros(gpu, [17500], 'again');
    expect((await again.floats()).every((value) => value === 0)).toBe(true);
    again.release();
  });
});

describe('scope', () => {
  it('frees what is made inside, except what it returns or keeps', () => {
    let lost = empty(gpu, [4], 'outside');
    let kept = lost;
    const result = scope(() => {
      lost = empty(gpu, [4], 'lost');
      kept = keep(empty(gpu, [4], 'kept'));
      return { answer: [empty(gpu, [4], 'returned')] };
    });
    expect(lost.released).toBe(true);
    expect(kept.released).toBe(false);
    expect(result.answer[0].released).toBe(false);
    expect(() => lost.slice).toThrow('lost [4] was used after its memory was released');
    kept.release();
    result.answer[0].release();
  });

  it('passes what it returns to the scope around it', () => {
    let inner = tensor(gpu, [1], [1]);
    inner.release();
    scope(() => {
      inner = scope(() => empty(gpu, [4], 'inner'));
      expect(inner.released).toBe(false);
    });
    expect(inner.released).toBe(true);
  });

  it('frees on an error too', () => {
    let made = empty(gpu, [1], 'outside');
    made.release();
    expect(() =>
      scope(() => {
        made = empty(gpu, [4], 'made');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(made.released).toBe(true);
  });

  it('refuses an asynchronous function', () => {
    expect(() => scope(async () => 1)).toThrow('scope() takes a synchronous function');
  });

  it('works with using', () => {
    const made = empty(gpu, [4], 'disposable');
    made[Symbol.dispose]();
    expect(made.released).toBe(true);
  });
});

describe('programs that share memory', () => {
  const made = (label: string, kib: number, shares?: Program): Program =>
    gpu.capture(label, () => scope(() => void zeros(gpu, [256 * kib])), { shares });

  it('take what is freed in each other, exact or up to twice as large, and give it back with the last', () => {
    const before = gpu.memory.stats().current;
    const held = (): number => gpu.memory.stats().current - before;
    const first = made('first', 64);
    expect(held()).toBe(64 * 1024);
    const second = made('second', 40, first);
    const third = made('third', 16, second);
    expect(held()).toBe((64 + 16) * 1024);
    const alone = made('alone', 64);
    expect(held()).toBe((128 + 16) * 1024);
    alone.dispose();
    first.dispose();
    second.dispose();
    expect(held()).toBe((64 + 16) * 1024);
    third.replay();
    third.dispose();
    expect(held()).toBe(0);
  });
});
