// Kernels by name, constants and bindings; capture and replay; timestamps; and what is said when something is off.
import { describe, expect, it } from 'vitest';
import { CaptureError, KernelError, OutOfMemoryError } from '../../../src/gpu/device/errors.ts';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { grid1d } from '../../../src/gpu/kernel/fold-grid.ts';
import { f32, params } from '../../../src/gpu/kernel/kernel.ts';
import { addShader } from '../../../src/gpu/kernel/shaders.ts';
import { tensor, zeros } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

addShader(
  'test_affine',
  `@group(0) @binding(0) var<storage, read> x: array<Elem>;
@group(0) @binding(1) var<storage, read_write> y: array<Elem>;
struct Params { count: u32, shift: f32 }
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.count) { y[id.x] = x[id.x] * FACTOR + params.shift; }
}`,
);

const affine = (
  x: { slice: GPUBufferBinding },
  y: { slice: GPUBufferBinding },
  count: number,
  factor: number,
  shift = 0,
) =>
  gpu.run({
    shader: 'test_affine',
    constants: { GROUP: 32, FACTOR: factor },
    types: { Elem: 'f32' },
    bindings: [x.slice, y.slice] as never,
    params: params(count, f32(shift)),
    grid: [Math.ceil(count / 32)],
    cost: { flops: 2 * count, bytes: 8 * count },
  });

describe('kernel', () => {
  it('takes constants, types and uniform words', async () => {
    const x = tensor(gpu, [1, 2, 3], [3]);
    const y = zeros(gpu, [3]);
    affine(x, y, 3, 2.5, 0.25);
    expect([...(await y.floats())]).toEqual([2.75, 5.25, 7.75]);
  });

  it.each([1, 65535, 65536, 200_000])('folds a row of %i workgroups into a grid that covers it', (groups) => {
    const [x, y] = grid1d(groups);
    expect(x * y).toBeGreaterThanOrEqual(groups);
    expect(Math.max(x, y)).toBeLessThanOrEqual(65535);
    expect(x * y - groups).toBeLessThan(y);
  });

  it.each([
    ['an unknown shader', { shader: 'nowhere' }, /there is no shader "nowhere"/],
    ['too few bindings', { bindings: [] }, /has 3 bindings in its source, the call gives 1/],
    ['an impossible grid', { grid: [1.5] as [number] }, /a grid of 1.5×1×1 workgroups; its sides are whole numbers/],
    ['a constant that is no number', { constants: { GROUP: 32, FACTOR: Number.NaN } }, /constant FACTOR is NaN/],
  ])('refuses %s', (_, wrong, message) => {
    const x = zeros(gpu, [4]);
    const y = zeros(gpu, [4]);
    const right = {
      shader: 'test_affine',
      constants: { GROUP: 32, FACTOR: 1 },
      types: { Elem: 'f32' },
      bindings: [x.slice, y.slice],
      params: params(4),
      grid: [1] as [number],
      cost: { flops: 0, bytes: 0 },
    };
    expect(() => gpu.run({ ...right, ...wrong })).toThrow(KernelError);
    expect(() => gpu.run({ ...right, ...wrong })).toThrow(message);
  });
});

describe('capture', () => {
  it('runs once as it records, then replays on the same memory', async () => {
    const x = tensor(gpu, [1, 2, 4], [3]);
    const y = zeros(gpu, [3]);
    const program = gpu.capture('double', () => {
      affine(x, y, 3, 2);
      affine(y, x, 3, 1);
    });
    expect([...(await x.floats())]).toEqual([2, 4, 8]);
    program.replay();
    program.replay();
    expect([...(await x.floats())]).toEqual([8, 16, 32]);
    expect(program.dispatches).toHaveLength(2);
    expect(program.cost).toEqual({ flops: 12, bytes: 48 });
    program.dispose();
    expect(() => program.replay()).toThrow('the program double was disposed of, so it cannot be replayed');
  });

  it('keeps its intermediates from everyone else until it is disposed of', async () => {
    const x = tensor(gpu, [1, 2, 3], [3]);
    const y = zeros(gpu, [3]);
    const program = gpu.capture('with an intermediate', () => {
      const middle = zeros(gpu, [3], 'intermediate');
      affine(x, middle, 3, 3);
      affine(middle, y, 3, 1, 1);
      middle.release();
    });
    const buffers = new Set<unknown>();
    const others = Array.from({ length: 50 }, () => tensor(gpu, [9, 9, 9], [3], 'other'));
    for (const other of others) buffers.add(other.slice.buffer);
    program.replay();
    expect([...(await y.floats())]).toEqual([4, 7, 10]);
    for (const other of others) expect([...(await other.floats())]).toEqual([9, 9, 9]);
    for (const other of others) other.release();
    const before = gpu.memory.stats().current;
    program.dispose();
    expect(gpu.memory.stats().current).toBeLessThan(before);
  });

  it('keeps what was made before it and freed inside it', async () => {
    const x = tensor(gpu, [5, 6, 7], [3]);
    const y = zeros(gpu, [3]);
    const program = gpu.capture('reads an old tensor', () => {
      affine(x, y, 3, 1);
      x.release();
    });
    const other = tensor(gpu, [0, 0, 0], [3]);
    program.replay();
    expect([...(await y.floats())]).toEqual([5, 6, 7]);
    other.release();
    program.dispose();
  });

  it('keeps what it uses of others when that is released, until the last program that uses it is disposed of', async () => {
    const x = tensor(gpu, [5, 6, 7], [3]);
    const y = zeros(gpu, [3]);
    const programs = [1, 2].map((factor) => gpu.capture(`times ${factor}`, () => affine(x, y, 3, factor)));
    x.release();
    await gpu.trim();
    const others = Array.from({ length: 20 }, () => tensor(gpu, [9, 9, 9], [3], 'other'));
    programs[0].replay();
    expect([...(await y.floats())]).toEqual([5, 6, 7]);
    programs[0].dispose();
    others.push(tensor(gpu, [9, 9, 9], [3], 'other'));
    programs[1].replay();
    expect([...(await y.floats())]).toEqual([10, 12, 14]);
    const before = gpu.memory.stats().current;
    programs[1].dispose();
    expect(gpu.memory.stats().current).toBe(before - 256);
    for (const made of [y, ...others]) made.release();
  });

  it('keeps the memory of a program before it that it uses', async () => {
    let middle = zeros(gpu, [3]);
    middle.release();
    const y = zeros(gpu, [3]);
    const first = gpu.capture('first', () => {
      middle = zeros(gpu, [3], 'of the first');
      gpu.fill(middle.slice, 0x40000000);
    });
    const second = gpu.capture('second', () => affine(middle, y, 3, 1));
    middle.release();
    first.dispose();
    const others = Array.from({ length: 20 }, () => tensor(gpu, [9, 9, 9], [3], 'other'));
    second.replay();
    expect([...(await y.floats())]).toEqual([2, 2, 2]);
    second.dispose();
    for (const made of [y, ...others]) made.release();
  });

  it('refuses uploads, captures, replays and promises inside it, and leaves no half-open capture behind', () => {
    const x = zeros(gpu, [3]);
    expect(() => gpu.capture('uploads', () => x.set([1, 2, 3]))).toThrow(CaptureError);
    expect(() => gpu.capture('outer', () => gpu.capture('inner', () => {}))).toThrow(
      'capture of inner inside another capture',
    );
    const program = gpu.capture('twice', () => affine(x, zeros(gpu, [3]), 2, 1));
    expect(() => gpu.capture('outer', () => program.replay())).toThrow('a replay of twice inside a capture');
    program.dispose();
    gpu.capture('fine again', () => affine(x, zeros(gpu, [3]), 3, 1)).dispose();
  });

  it.each<[string, (run: () => void) => unknown, number, RegExp]>([
    ['an async function', (run) => async () => run(), 0, /of late is of an async function.* record without awaiting$/],
    ['a promise', (run) => () => Promise.reject(new Error(`of its own${run()}`)), 1, /of late is of an async function/],
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    ['a thenable', (run) => () => ({ then: run() ?? (() => {}) }), 1, /of late is of an async function/],
    [
      'a generator',
      (run) =>
        function* () {
          yield run();
        },
      0,
      /of late is of a generator function/,
    ],
    [
      'an async generator',
      (run) =>
        async function* () {
          yield run();
        },
      0,
      /of late is of an async generator/,
    ],
    ['nothing', () => undefined, 0, /^capture takes a label and a function, not string and undefined$/],
  ])('refuses %s, of which it would keep a part only', async (_, make, runs, message) => {
    let ran = 0;
    const x = tensor(gpu, [1, 2, 3], [3]);
    const y = zeros(gpu, [3]);
    const fn = make(() => {
      ran++;
      affine(x, y, 3, 2);
    }) as () => void;
    expect(() => gpu.capture('late', fn)).toThrow(CaptureError);
    expect(() => gpu.capture('late', fn)).toThrow(message);
    expect(ran).toBe(2 * runs);
    await gpu.idle();
    expect([...(await y.floats())]).toEqual([0, 0, 0]);
  });
});

describe('profile', () => {
  it('counts calls and time by kernel', async () => {
    const x = zeros(gpu, [4096]);
    const y = zeros(gpu, [4096]);
    const rows = await gpu.profile(() => {
      for (let i = 0; i < 3; i++) affine(x, y, 4096, 2);
    });
    const row = rows.find(({ label }) => label === 'test_affine')!;
    expect(row.calls).toBe(3);
    expect(row.ms).toBeGreaterThan(0);
    expect(row.gflops).toBeCloseTo((3 * 2 * 4096) / (row.ms * 1e6), 6);
    expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});

describe('device', () => {
  it('refuses the memory of another by name, and goes on', async () => {
    const other = await Gpu.open();
    const [x, y] = [zeros(other, [3], 'of the other'), zeros(gpu, [3])];
    expect(() => affine(x, y, 3, 1)).toThrow(/of another Gpu/);
    expect(() => affine(y, x, 3, 1)).toThrow(/kernel .*: of the other is of another Gpu/);
    affine(zeros(gpu, [3]), y, 3, 1);
    expect([...(await y.floats())]).toEqual([0, 0, 0]);
    await other.close();
  });

  it('names what was running when the device is lost', async () => {
    const other = await Gpu.open();
    const x = tensor(other, [1], [1]);
    const program = other.capture('a step of something', () => other.fill(x.slice, 0));
    program.replay();
    await other.idle();
    other.device.destroy();
    await expect(x.data()).rejects.toThrow(
      /device was lost .* while running a step of something; open a new one and resume/,
    );
    expect(() => other.flush()).toThrow(/device was lost/);
  });

  it('has a budget from the options', async () => {
    const other = await Gpu.open({ memoryBudget: 1000 });
    expect(() => zeros(other, [300], 'over the budget')).toThrow(OutOfMemoryError);
    await other.close();
  });

  it('says what it is, and names a software adapter as such', () => {
    expect(gpu.adapter.description.length).toBeGreaterThan(3);
    expect(/software adapter/.test(gpu.adapter.description)).toBe(gpu.adapter.software);
  });

  it('turns a refused command that no kernel is to blame for into an error with its message, for good', async () => {
    const other = await Gpu.open();
    other.device.createShaderModule({ code: 'nonsense' });
    for (let i = 0; i < 2; i++) await expect(other.idle()).rejects.toThrow(/WebGPU refused a command/);
    await other.close();
  });
});
