// Ops from outside the package: values, gradients, candidates, profiles, capture, and what is said of mistakes.
import { describe, expect, it } from 'vitest';
import { checkKernels } from '../../../src/gpu/check-kernels.ts';
import { ArgumentError } from '../../../src/gpu/device/arguments.ts';
import { KernelError } from '../../../src/gpu/device/errors.ts';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { f32 } from '../../../src/gpu/kernel/kernel.ts';
import { defineOp, type OpArguments } from '../../../src/ops/custom/define-op.ts';
import { mul, scale, sum } from '../../../src/ops/index.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { checkGradients } from '../../../src/tensor/check-gradients.ts';
import { scope } from '../../../src/tensor/scope.ts';
import { type Tensor, TensorError, tensor, zeros } from '../../../src/tensor/tensor.ts';
import { checkOp } from '../../support/check.ts';
import { gpu, on } from '../../support/gpu.ts';

const CUBE = `@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> y: array<T>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = x[id.x] * x[id.x] * x[id.x]; }
}`;
const vectors = { f32: 'vec4f', f16: 'vec4h' } as Record<string, string>;
const cube = defineOp({
  name: 'test/cube',
  source: CUBE,
  kernels: [
    { name: 'vec4', perThread: 4, types: ({ inputs: [x] }) => ({ T: vectors[x.dtype] }) },
    { name: 'plain', types: ({ inputs: [x] }) => ({ T: x.dtype }) },
  ],
  cost: ({ inputs: [x] }) => ({ flops: 2 * x.size, bytes: 2 * x.bytes }),
  backward: (gradient, { inputs: [x] }) => [mul(gradient, scale(mul(x, x), 3))],
});

/** y = a·x + b·z, whose gradients are another kernel's, and options with a default. */
const blendSource = (entry: string): string => `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
struct Params { a: f32, b: f32 }
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(GROUP) fn ${entry}(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) { y[id.x] = p.a * x[id.x] + p.b * z[id.x]; }
}`;
interface Blend {
  a?: number;
  b?: number;
}
const blend: (...args: OpArguments<Blend>) => Tensor = defineOp<Blend>({
  name: 'test/blend',
  source: blendSource('blend'),
  entry: 'blend',
  constants: { GROUP: 32 },
  params: ({ options: { a = 2, b = 3 } }) => [f32(a), f32(b)],
  check: ([x, z]) => {
    if (x.size !== z.size) throw new TensorError('test/blend: of one size');
  },
  backward: (gradient, { options: { a = 2, b = 3 }, wants }) => [
    wants(0) ? blend(gradient, gradient, { a, b: 0 }) : undefined,
    wants(1) ? blend(gradient, gradient, { a: 0, b }) : undefined,
  ],
});

/** Of each row: its sum, its product with itself, and the place of its largest value, which is a constant. */
const rows = defineOp({
  name: 'test/rows',
  source: `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;
@group(0) @binding(2) var<storage, read_write> square: array<f32>;
@group(0) @binding(3) var<storage, read_write> place: array<u32>;
struct Params { rows: u32, columns: u32 }
@group(0) @binding(4) var<uniform> p: Params;
@compute @workgroup_size(8, 2, 1u) fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = id.x / 8u * 16u + lane;
  if (row >= p.rows) { return; }
  var sum = 0.0;
  var best = 0u;
  for (var i = 0u; i < p.columns; i++) {
    sum += x[row * p.columns + i];
    if (x[row * p.columns + i] > x[row * p.columns + best]) { best = i; }
  }
  total[row] = sum;
  square[row] = sum * sum;
  place[row] = best;
}`,
  shapes: ([x]) => [[x.shape[0]], [x.shape[0], 1], { shape: [x.shape[0]], dtype: 'u32' }],
  params: ({ inputs: [x] }) => [...x.shape],
  backward: ([total, square, place], { inputs: [x], outputs }) => {
    expect(place).toBeUndefined();
    expect(outputs[2].dtype).toBe('u32');
    const [n, columns] = x.shape;
    const two = scale(mul(outputs[0].alias([n, 1]), square!), 2);
    const ones = zeros(gpu, [1, columns]);
    gpu.fill(ones.slice, 0x3f800000);
    return [mul(blend(two, total!.alias([n, 1]), { a: 1, b: 1 }), ones)];
  },
});

describe('an op of one’s own', () => {
  it.each(['vec4', 'plain'])('computes what its kernel %s says, and its gradient', async (kernel) => {
    gpu.tuner.force = kernel;
    try {
      for (const shape of [[1], [3, 5], [2, 7, 3, 5], [257]])
        await checkOp({ inputs: [{ shape }], op: ([x]) => cube(x), reference: ([x]) => x.map((v) => v ** 3) });
    } finally {
      gpu.tuner.force = undefined;
    }
  });

  it('takes several tensors and options, and only the gradients that are wanted', async () => {
    for (const [first, second] of [
      [true, true],
      [false, true],
    ])
      await checkOp({
        inputs: [
          { shape: [5, 3], gradient: first },
          { shape: [5, 3], gradient: second },
        ],
        op: ([x, z]) => blend(x, z, { b: -1.5 }),
        reference: ([x, z]) => x.map((v, i) => 2 * v - 1.5 * z[i]),
      });
  });

  it('has several results, each with its gradient', async () => {
    const [total, square, place] = rows(on([1, 2, 5, 4, 3, -3], [2, 3]));
    expect([...(await total.floats())]).toEqual([8, 4]);
    expect([...(await square.floats())]).toEqual([64, 16]);
    expect([...(await place.data())]).toEqual([2, 0]);
    expect(place.requiresGrad).toBe(false);
    for (const pick of [0, 1])
      await checkOp({
        inputs: [{ shape: [19, 3] }],
        op: ([x]) => rows(x)[pick],
        reference: ([x]) =>
          Float64Array.from({ length: 19 }, (_, r) => (x[3 * r] + x[3 * r + 1] + x[3 * r + 2]) ** (1 + pick)),
      });
    const both = await checkGradients(
      (x) => {
        const [t, s] = rows(x);
        return mul(t.shape.length === 1 ? sum(t) : t, sum(s));
      },
      [on([1, 2, 5, 4, 3, -3], [2, 3])],
    );
    expect(both.error).toBeLessThan(1e-2);
  });

  it.runIf(gpu.capabilities.f16)('takes f16 by its types', async () => {
    const y = cube(on([1, -2, 3, 0.5, 2], [5], 'f16'));
    expect(y.dtype).toBe('f16');
    expect([...(await y.floats())]).toEqual([1, -8, 27, 0.125, 8]);
  });

  it('runs on more than 65,535 workgroups', async () => {
    gpu.tuner.force = 'plain';
    const x = zeros(gpu, [65_536 * 64 + 3]);
    gpu.fill(x.slice, 0x40000000);
    const y = cube(x);
    gpu.tuner.force = undefined;
    const values = await y.floats();
    expect(values.every((v) => v === 8)).toBe(true);
    x.release();
    y.release();
  });

  it('of nothing is nothing', async () => {
    const x = zeros(gpu, [0, 3]);
    x.requiresGrad = true;
    const y = cube(x);
    expect([y.shape, await y.toArray(), await y.text()]).toEqual([[0, 3], [], '[]']);
    backward(sum(y));
    expect(x.grad!.shape).toEqual([0, 3]);
  });

  it('is replayed', async () => {
    const x = on([1, 2], [2]);
    x.requiresGrad = true;
    const program = gpu.capture('cube', () => scope(() => backward(sum(cube(x)))));
    x.set([3, 4]);
    program.replay();
    expect([...(await x.grad!.floats())]).toEqual([27, 48]);
    program.dispose();
  });

  it('is a row of the profile, with its shape, also without a cost', async () => {
    const x = on([1, 2, 3, 4], [2, 2]);
    const profile = await gpu.profile(() => {
      cube(x);
      blend(x, x);
    });
    const row = (label: string) => profile.find((each) => each.label === label)!;
    expect(row('test/cube/vec4').detail).toBe('test/cube 2x2');
    expect(row('test/cube/vec4').gflops).toBeGreaterThan(0);
    expect(row('test/blend').gflops).toBeNaN();
  });

  it('is tuned', async () => {
    // A Gpu of its own, which has met no other jobs.
    const own = await Gpu.open();
    const log: string[] = [];
    cube(tensor(own, [1, 2, 3]));
    await own.tuner.tune((line) => log.push(line));
    expect(log.find((line) => line.startsWith('test/cube 3:'))).toMatch(/vec4|plain/);
    expect(Object.keys(own.tuner.choices['test/cube 3'].ms).sort()).toEqual(['plain', 'vec4']);
    await own.close();
  });

  it('is compiled without a GPU, with each of its kernels', async () => {
    expect(
      await checkKernels((other) => {
        for (const dtype of ['f32', 'f16'] as const) cube(zeros(other, [3, 4], 'x', dtype));
      }),
    ).toEqual([]);
    const broken = defineOp({
      name: 'test/broken',
      kernels: [
        { name: 'fast', source: CUBE.replace('x[id.x] *', 'z[id.x] *'), types: { T: 'f32' } },
        { name: 'plain', source: CUBE.replace('id.x <', 'id.w <'), types: { T: 'f32' } },
      ],
    });
    expect(await checkKernels((other) => broken(zeros(other, [3])))).toEqual([
      expect.stringMatching(/^kernel test\/broken\/fast, line 5 of its source: unresolved value 'z'/),
      expect.stringMatching(/^kernel test\/broken\/plain, line 5 of its source: .*'w'|swizzle/),
    ]);
  });
});

describe('mistakes', () => {
  const x = on([1, 2, 3], [3]);
  const op = (more: object, name = 'test/wrong') =>
    defineOp({ name, source: CUBE.replaceAll('<T>', '<f32>'), ...more }) as (...args: unknown[]) => Tensor;

  it.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    ['nothing', () => defineOp(undefined as never), ArgumentError, /^defineOp: its argument definition is missing/],
    ['no tensor', () => op({})(), TensorError, /^test\/wrong: it was given no tensor/],
    ['a number', () => op({})(3), TensorError, /^test\/wrong: argument 1 is a number/],
    ['an array among tensors', () => op({})([1], x), TensorError, /argument 1 is an array/],
    ['options that are none', () => op({})(x, 3), TensorError, /its options are a number/],
    [
      'another dtype',
      () => op({})(on([1], [1], 'u32')),
      TensorError,
      /^test\/wrong: input \[1\] is u32, the kernel's x is f32/,
    ],
    ['a missing input', () => cube(x, x), KernelError, /2 bindings in its source, the call gives 3/],
    ['no source', () => op({ source: undefined }), KernelError, /^op test\/wrong: its kernel plain has no source/],
    ['no entry', () => op({ entry: 'nowhere' })(x), KernelError, /^op test\/wrong: its source has no .* fn nowhere/],
    [
      'a size that is not known',
      () => op({ source: CUBE.replace('(64)', '(N)') })(x),
      KernelError,
      /@workgroup_size\(N\) is not known/,
    ],
    ['a shape that is none', () => op({ shape: () => [-1] })(x), TensorError, /test\/wrong \[-1\]: every side/],
    [
      'kernels that cannot',
      () => op({ kernels: [{ name: 'a', when: () => false }] })(x),
      KernelError,
      /none of its kernels can do 3; let/,
    ],
    [
      'WGSL',
      () => op({ source: CUBE.replaceAll('<T>', '<f32>').replace('y[id.x] =', 'y[id.x]') })(x),
      KernelError,
      /^kernel test\/wrong, line 5 of its source: /,
    ],
  ])('%s', (_, fn, type, message) => {
    expect(fn).toThrow(type);
    expect(fn).toThrow(message);
  });

  it.each<[string, (gradient: Tensor) => unknown, RegExp]>([
    ['no list', (gradient) => gradient, /its backward returns no list/],
    ['none', () => [], /its backward gives input 0, input \[3\] f32, no gradient/],
    ['another shape', () => [zeros(gpu, [4])], /a gradient \[4\] f32; it must be as the input/],
  ])('a backward that gives %s', (_, pull, message) => {
    const own = on([1, 2, 3], [3]);
    own.requiresGrad = true;
    const y = op({ backward: pull })(own);
    expect(() => backward(y, { gradient: on([1, 1, 1], [3]) })).toThrow(message);
  });

  it('two ops of one name are two', async () => {
    const [a, b] = [
      op({}, 'test/same'),
      op({ source: CUBE.replaceAll('<T>', '<f32>').replace('* x[id.x];', '+ 1;') }, 'test/same'),
    ];
    expect([...(await a(x).floats())]).toEqual([1, 8, 27]);
    expect([...(await b(x).floats())]).toEqual([2, 5, 10]);
    expect([...(await a(x).floats())]).toEqual([1, 8, 27]);
  });
});
