// A captured program makes one kernel of elementwise ones that follow each other: what comes out is what the single kernels give, at every replay, and intermediate
// values are neither written nor read. Random programs look for orders of writing, reading and freeing that would go wrong.
import { describe, expect, it } from 'vitest';
import { add, div, maximum, minimum, mul, pow, sub } from '../../../src/ops/arithmetic/binary.ts';
import { equal, less, logicalNot } from '../../../src/ops/arithmetic/comparisons.ts';
import { where } from '../../../src/ops/arithmetic/where.ts';
import { gelu, relu, sigmoid } from '../../../src/ops/elementwise/activations.ts';
import { cast } from '../../../src/ops/elementwise/cast.ts';
import { scale } from '../../../src/ops/elementwise/scale.ts';
import { abs, exp, sin, square, tanh } from '../../../src/ops/elementwise/unary.ts';
import { cumsum } from '../../../src/ops/reduce/cumsum.ts';
import { max } from '../../../src/ops/reduce/extreme.ts';
import { softmax } from '../../../src/ops/reduce/softmax.ts';
import { mean, sum } from '../../../src/ops/reduce/sum.ts';
import { addInPlace, copyInto } from '../../../src/tensor/accumulate.ts';
import { backward } from '../../../src/tensor/autograd.ts';
import { keep, scope } from '../../../src/tensor/scope.ts';
import { empty, type Tensor, zeros } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { generator, values } from '../../support/random.ts';

/** Small ones, and rows of which workgroups take pieces, the second of which begins within a vector. */
const SHAPES = [[3, 5, 8], [5, 8], [8], [1], [3, 1, 8], [3, 5, 1], [40, 3], [120]];
const ROWS = [[4, 150], [150], [4, 1], [1], [2, 2, 150], [600], [150, 4]];
const draw = (shape: readonly number[], seed: number): Tensor =>
  on(
    values(
      seed,
      shape.reduce((a, b) => a * b),
    ),
    shape,
  );

/** Runs `fn` captured with and without fusing; both results after a replay, and how many dispatches each took. */
async function both(fn: () => void, results: Tensor[], inputs: [Tensor, Float32Array][] = []) {
  const out: { values: number[][]; dispatches: number; bytes: number; labels: string[] }[] = [];
  for (const fuse of [true, false]) {
    for (const [tensor, start] of inputs) tensor.set(start);
    const program = gpu.capture('program', fn, { fuse });
    for (const [tensor, start] of inputs) tensor.set(start);
    program.replay();
    const values: number[][] = [];
    for (const y of results) values.push([...(await y.floats())]);
    const { dispatches, cost } = program;
    out.push({
      values,
      dispatches: dispatches.length,
      bytes: cost.bytes,
      labels: dispatches.map(({ label }) => label),
    });
    program.dispose();
  }
  return { fused: out[0], plain: out[1] };
}

const worst = (a: number[], b: number[]): number =>
  Math.max(...a.map((v, i) => Math.abs(v - b[i]) / (1 + Math.abs(b[i]))));

describe('a chain before a reduction', () => {
  const shape = [6, 150];
  const [x, z, bias] = [draw(shape, 21), draw(shape, 22), draw([150], 23)];
  const [x4, column] = [draw([6, 148], 24), draw([3, 1], 25)];
  it.each<[string, readonly number[], () => Tensor, string[]]>([
    ['a sum of products by rows', [6], () => sum(mul(x, z), 1), ['mul+reduce/sum']],
    ['odd columns are left apart', [150], () => sum(mul(x, z), 0), ['mul', 'reduce/sum']],
    ['of all', [1], () => mean(square(sub(x, z))), ['sub+square+reduce/sum']],
    [
      'a bias whose rows begin within vectors is left apart',
      [6],
      () => max(relu(add(x, bias)), 1),
      ['add+relu', 'reduce/max'],
    ],
    ['the largest values', [3], () => max(relu(add(x.alias([3, 300]), column)), 1), ['add+relu+reduce/max']],
    ['a softmax', [6, 148], () => softmax(scale(x4, 3)), ['scale+softmax']],
    ['a softmax of what is dear is left apart', [6, 148], () => softmax(tanh(x4)), ['tanh', 'softmax']],
    [
      'a mean that is rounded to f16',
      [6],
      () => mean(cast(mul(x, 1.001), gpu.capabilities.f16 ? 'f16' : 'f32'), 1),
      [gpu.capabilities.f16 ? 'mul+cast/f16+reduce/sum' : 'mul+reduce/sum'],
    ],
    ['columns', [148], () => sum(abs(x4), 0), ['abs+reduce/sum']],
  ])('%s', async (_, shape, fn, labels) => {
    let y!: Tensor;
    const results: number[][] = [];
    for (const fuse of [true, false]) {
      const program = gpu.capture('program', () => scope(() => void (y = keep(fn()))), { fuse });
      program.replay();
      results.push([...(await y.floats())]);
      const done = program.dispatches.map(({ label }) => label).filter((label) => label !== 'gpu/fill');
      // Long rows take a second pass on some adapters.
      if (fuse) expect(done.slice(0, labels.length)).toEqual(labels);
      program.dispose();
    }
    expect(y.shape).toEqual(shape);
    expect(results[0]).toEqual(results[1]);
  });

  it('reads what is written for others, and computes nothing twice', async () => {
    const [kept, total] = [empty(gpu, shape, 'kept'), empty(gpu, [150], 'total')];
    const { fused, plain } = await both(
      () =>
        scope(() => {
          const apart = sub(x, z);
          copyInto(kept, apart);
          copyInto(total, sum(square(apart), 0));
        }),
      [kept, total],
    );
    expect(fused.values).toEqual(plain.values);
  });

  it('waits where its memory is written by the reduction', async () => {
    const y = draw([1, 1], 25);
    const { fused, plain } = await both(
      () => scope(() => copyInto(y, mean(scale(y, 2)).alias([1, 1]))),
      [y],
      [[y, Float32Array.of(3)]],
    );
    expect(fused.values).toEqual(plain.values);
  });
});

describe('a chain', () => {
  it('is one kernel, that writes only its end', async () => {
    const [x, bias, y] = [draw([7, 12], 1), draw([12], 2), empty(gpu, [7, 12], 'y')];
    const { fused, plain } = await both(() => scope(() => copyInto(y, relu(add(scale(sigmoid(x), 3, -1), bias)))), [y]);
    expect(fused.labels).toEqual(['sigmoid+scale+add+relu+accumulate/copy']);
    expect(plain.dispatches).toBeGreaterThanOrEqual(5);
    expect(worst(fused.values[0], plain.values[0])).toBeLessThan(3e-7);
    expect(fused.bytes).toBe((84 + 12 + 84) * 4);
  });

  it('keeps what is read later', async () => {
    const [x, y] = [draw([33], 3), empty(gpu, [33], 'y')];
    let middle!: Tensor;
    const { fused, plain } = await both(
      () =>
        scope(() => {
          middle = abs(x);
          copyInto(y, scale(middle, 2));
          addInPlace(y, sum(middle.alias([1, 33]), 0));
        }),
      [y],
    );
    expect(fused.values).toEqual(plain.values);
  });

  it('keeps what its caller keeps', async () => {
    const x = draw([33], 4);
    let kept!: Tensor;
    const program = gpu.capture('kept', () =>
      scope(() => {
        kept = keep(abs(x));
        relu(scale(kept, -1));
      }),
    );
    expect([...(await kept.floats())]).toEqual([...(await x.floats())].map(Math.abs));
    expect(program.dispatches).toHaveLength(1);
    program.dispose();
    kept.release();
  });

  it('rounds what is stored as f16', async () => {
    if (!gpu.capabilities.f16) return;
    const [x, y] = [draw([50], 5), empty(gpu, [50], 'y')];
    const { fused, plain } = await both(
      () => scope(() => copyInto(y, scale(cast(scale(cast(x, 'f16'), 1.001), 'f32'), 3))),
      [y],
    );
    expect(fused.dispatches).toBe(1);
    expect(fused.values).toEqual(plain.values);
  });

  it('is not simplified across its ops', async () => {
    const x = on([Number.NaN, Number.POSITIVE_INFINITY, 1, 1e-3], [4]);
    const [y, z] = [empty(gpu, [4], 'y'), empty(gpu, [4], 'z')];
    const { fused } = await both(
      () =>
        scope(() => {
          const twice = scale(x, 2);
          copyInto(y, sub(twice, twice));
          copyInto(z, sub(add(x, 1e6), 1e6));
        }),
      [y, z],
    );
    expect(fused.values[0]).toEqual([Number.NaN, Number.NaN, 0, 0]);
    expect(fused.values[1]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 1, 0]);
  });

  it('does not cross other kernels, other sizes or transposed sides', async () => {
    const [x, y] = [draw([4, 6], 6), zeros(gpu, [6], 'y')];
    const { fused, plain } = await both(
      () => scope(() => copyInto(y, relu(cumsum(scale(x, 2), 0).alias([24]).alias([6])))),
      [y],
    );
    expect(fused.labels).toHaveLength(plain.labels.length - 1);
    expect(fused.values).toEqual(plain.values);
  });
});

it('labels keep all their bits, and bytes are read, where they are fused', async () => {
  const large = [0, 16777217, 4294967295, 7, 16777216, 5, 4294967294, 1];
  const [labels, others] = [on(large, [8], 'u32'), on([...large].reverse(), [8], 'u32')];
  const bytes = on([1, 0, 255, 0, 1, 2, 0, 1], [8], 'u8');
  const [chosen, same] = [empty(gpu, [8], 'chosen', 'u32'), empty(gpu, [8], 'same')];
  const step = (): void =>
    scope(() => {
      const one = where(bytes, labels, others);
      copyInto(chosen, one);
      copyInto(same, add(mul(equal(one, labels), cast(bytes, 'f32')), logicalNot(less(one, 16777217))));
    });
  const results: number[][][] = [];
  for (const fuse of [true, false]) {
    const program = gpu.capture('labels', step, { fuse });
    others.set(large.map((v) => (v + 1) % 2 ** 32));
    program.replay();
    results.push([[...(await chosen.data())], [...(await same.floats())]]);
    if (fuse) expect(program.dispatches).toHaveLength(1);
    program.dispose();
  }
  const expected = large.map((v, i) => ([1, 3, 6].includes(i) ? (v + 1) % 2 ** 32 : v));
  expect(results[0]).toEqual([
    expected,
    expected.map((v, i) => (v === large[i] ? [1, 0, 255, 0, 1, 2, 0, 1][i] : 0) + Number(v >= 16777217)),
  ]);
  expect(results[1]).toEqual(results[0]);
});

it('functions of every kind give the same alone and in one kernel', async () => {
  const [x, y] = [draw([3, 40], 9), empty(gpu, [3, 40], 'y')];
  const { fused, plain } = await both(
    () =>
      scope(() => {
        const bent = gelu(mul(tanh(x), exp(sin(x))));
        copyInto(y, maximum(pow(add(square(bent), 0.5), x), div(where(less(x, 0), bent, x), 3)));
      }),
    [y],
  );
  expect(fused.dispatches).toBe(1);
  for (const [i, list] of fused.values.entries()) expect(worst(list, plain.values[i])).toBeLessThan(1e-6);
});

it('a backward pass is fused, and gives the same gradients', async () => {
  const [x, w] = [draw([9, 16], 7), draw([16], 8)];
  for (const leaf of [x, w]) {
    leaf.requiresGrad = true;
    leaf.grad = keep(zeros(gpu, leaf.shape, 'gradient'));
  }
  const { fused, plain } = await both(
    () => scope(() => backward(sum(mul(sigmoid(mul(x, w)), relu(sub(x, w)))))),
    [x.grad!, w.grad!],
  );
  expect(fused.dispatches).toBeLessThan(plain.dispatches - 4);
  for (const [i, list] of fused.values.entries()) expect(worst(list, plain.values[i])).toBeLessThan(2e-6);
});

it.each(Array.from({ length: 30 }, (_, i) => i))('random program %i', async (seed) => {
  const shapes = seed < 18 ? SHAPES : ROWS;
  const next = generator(1000 + seed);
  const pick = (n: number): number => Math.floor(next() * n);
  const leaves = shapes.map((shape, i) => draw(shape, seed * 31 + i));
  const starts = await Promise.all(
    leaves.map(async (leaf): Promise<[Tensor, Float32Array]> => [leaf, await leaf.floats()]),
  );
  const results = [0, 1, 2].map((i) => zeros(gpu, shapes[i === 2 ? 6 : 0], 'result'));
  const steps = Array.from({ length: 12 }, () => [pick(16), pick(1e6), pick(1e6), pick(5)]);
  const program = (): void =>
    scope(() => {
      let pool = [...leaves];
      const made: Tensor[] = [];
      for (const [kind, i, j, free] of steps) {
        const a = pool[i % pool.length];
        const fits = pool.filter(({ shape }) => {
          const rank = Math.max(shape.length, a.shape.length);
          const at = (s: readonly number[], k: number): number => s[k - rank + s.length] ?? 1;
          return Array.from({ length: rank }, (_, k) => k).every(
            (k) => at(shape, k) === at(a.shape, k) || at(shape, k) === 1 || at(a.shape, k) === 1,
          );
        });
        const b = fits[j % fits.length];
        if (kind === 11 && made.length > 0) {
          const target = made[i % made.length];
          const other = pool.find(({ size }) => size === target.size)!;
          if (other !== target) addInPlace(target, other);
          continue;
        }
        const y = [
          () => add(a, b),
          () => sub(a, b),
          () => mul(a, b),
          () => relu(a),
          () => sigmoid(a),
          () => scale(a, 0.5, 0.25),
          () => (gpu.capabilities.f16 ? cast(cast(a, 'f16'), 'f32') : abs(a)),
          () => tanh(a),
          () => maximum(a, minimum(b, 0.5)),
          () => where(less(a, b), a, 0.5),
          () => cast(cast(abs(a), 'u32'), 'f32'),
          () => abs(a),
          () => mean(a, 0, true),
          () => max(a, -1, true),
          () => softmax(a, j % a.shape.length),
          () => mean(square(a)),
        ][kind]();
        pool.push(y);
        made.push(y);
        if (free === 0) {
          const gone = made.splice(j % made.length, 1)[0];
          pool = pool.filter((tensor) => tensor !== gone);
          gone.release();
        }
      }
      for (const y of results) {
        const last = pool.filter(({ size }) => size === y.size).at(-1)!;
        copyInto(y, last);
      }
    });
  const { fused, plain } = await both(program, results, starts);
  expect(fused.dispatches).toBeLessThanOrEqual(plain.dispatches);
  for (const [i, list] of fused.values.entries()) {
    expect(plain.values[i].every(Number.isFinite)).toBe(true);
    expect(worst(list, plain.values[i])).toBe(0);
  }
  for (const tensor of [...leaves, ...results]) tensor.release();
});
