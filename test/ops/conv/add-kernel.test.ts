// A kernel of one's own: its shader, its launches and one entry of a list are all that it takes to be chosen, forced by name and compared with the others.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grid1d } from '../../../src/gpu/kernel/fold-grid.ts';
import { params } from '../../../src/gpu/kernel/kernel.ts';
import { addShader } from '../../../src/gpu/kernel/shaders.ts';
import type { KernelEntry } from '../../../src/gpu/tune/kernel-list.ts';
import { CONV_KERNELS } from '../../../src/ops/conv/kernels/candidates.ts';
import {
  type ConvGeometry,
  convCost,
  inputCount,
  outputCount,
  weightCount,
} from '../../../src/ops/conv/kernels/geometry.ts';
import type { ConvJob } from '../../../src/ops/conv/kernels/job.ts';
import { convDataGradient, convForward, convWeightGradient } from '../../../src/ops/conv/kernels/launch.ts';
import { empty } from '../../../src/tensor/tensor.ts';
import { gpu, on } from '../../support/gpu.ts';
import { smallWholes } from '../../support/matrix.ts';

/** A 1×1 convolution of pixels [n, ci] by w [ci, co], an element of the result a thread. */
addShader(
  'test/one_by_one',
  `
  @group(0) @binding(0) var<storage, read> a: array<f32>;
  @group(0) @binding(1) var<storage, read> b: array<f32>;
  @group(0) @binding(2) var<storage, read_write> out: array<f32>;
  struct Params { pixels: u32, ci: u32, co: u32 }
  @group(0) @binding(3) var<uniform> p: Params;

  fn index(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }

  @compute @workgroup_size(64)
  fn forward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = index(wid, groups, lane);
    if (i >= p.pixels * p.co) { return; }
    var sum = 0.0;
    for (var k = 0u; k < p.ci; k++) { sum += a[i / p.co * p.ci + k] * b[k * p.co + i % p.co]; }
    out[i] = sum;
  }
  @compute @workgroup_size(64)
  fn dataGradient(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = index(wid, groups, lane);
    if (i >= p.pixels * p.ci) { return; }
    var sum = 0.0;
    for (var o = 0u; o < p.co; o++) { sum += a[i / p.ci * p.co + o] * b[i % p.ci * p.co + o]; }
    out[i] = sum;
  }
  @compute @workgroup_size(64)
  fn weightGradient(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = index(wid, groups, lane);
    if (i >= p.ci * p.co) { return; }
    var sum = 0.0;
    for (var n = 0u; n < p.pixels; n++) { sum += a[n * p.ci + i / p.co] * b[n * p.co + i % p.co]; }
    out[i] = sum;
  }`,
);

const RESULTS = { forward: outputCount, dataGradient: inputCount, weightGradient: weightCount };

const sample: KernelEntry<ConvJob> = {
  name: 'sample',
  when: ({ g }) => !g.half && g.groups === 1 && g.kh * g.kw === 1 && g.sh * g.sw === 1 && g.ph + g.pw === 0,
  first: ({ g }) => g.ci === 7,
  run: ({ gpu, g, direction }, slices) =>
    gpu.run({
      shader: 'test/one_by_one',
      entry: direction,
      bindings: slices,
      params: params(g.n * g.h * g.w, g.ci, g.co),
      grid: grid1d(Math.ceil(RESULTS[direction](g) / 64)),
      cost: convCost(g),
    }),
};

const shape = (ci: number, k = 1): ConvGeometry => {
  const padding = k >> 1;
  return {
    ...{ n: 2, h: 5, w: 6, ci, ho: 5, wo: 6, co: 9, kh: k, kw: k },
    ...{ sh: 1, sw: 1, ph: padding, pw: padding, dh: 1, dw: 1, groups: 1 },
  };
};

/** The three results, and the kernels that made them. */
async function convolved(g: ConvGeometry, force?: string): Promise<{ values: Float32Array[]; chosen: string[] }> {
  const [x, w, dy] = [inputCount(g), weightCount(g), outputCount(g)].map((n, i) => on(smallWholes(n + i, n), [n]));
  const [y, dx, dw] = [dy, x, w].map(({ shape }) => empty(gpu, shape, 'result'));
  const chosen: string[] = [];
  gpu.tuner.observer = (_, name) => chosen.push(name);
  gpu.tuner.force = force;
  convForward(gpu, g, x.slice, w.slice, y.slice);
  convDataGradient(gpu, g, dy.slice, w.slice, dx.slice);
  convWeightGradient(gpu, g, x.slice, dy.slice, dw.slice);
  gpu.tuner.force = gpu.tuner.observer = undefined;
  const values = [];
  for (const result of [y, dx, dw]) values.push(await result.floats());
  for (const made of [x, w, dy, y, dx, dw]) made.release();
  return { values, chosen };
}

describe('a kernel added to the list of convolutions', () => {
  beforeEach(() => {
    CONV_KERNELS.splice(
      CONV_KERNELS.findIndex(({ name }) => name === 'product'),
      0,
      sample,
    );
  });
  afterEach(() => {
    CONV_KERNELS.splice(CONV_KERNELS.indexOf(sample), 1);
  });

  it('is forced by name, and agrees with the plain one', async () => {
    const g = shape(12);
    const by = await convolved(g, 'sample');
    expect(by.chosen).toEqual(['sample', 'sample', 'sample']);
    const plain = await convolved(g, 'plain');
    expect(plain.chosen).toEqual(['plain', 'plain', 'plain']);
    expect(by.values).toEqual(plain.values);
  });

  it('is chosen by itself where it says so', async () => {
    const by = await convolved(shape(7));
    expect(by.chosen).toEqual(['sample', 'sample', 'sample']);
    expect((await convolved(shape(12))).chosen).not.toContain('sample');
    expect(by.values).toEqual((await convolved(shape(7), 'plain')).values);
  });

  it('is not offered what it cannot do', async () => {
    expect((await convolved(shape(7, 3), 'sample')).chosen).not.toContain('sample');
  });
});

it('leaves the list as it was', async () => {
  const names = CONV_KERNELS.map(({ name }) => name);
  expect(names).not.toContain(sample.name);
  // Tables of choices have these names. A new kernel may stand anywhere but at the end.
  const shipped = ['widened', 'depthwise', 'stationary', 'product', 'tiled', 'matrix', 'winograd 2', 'winograd 4'];
  expect(names.filter((name) => shipped.includes(name))).toEqual(shipped);
  expect(names.at(-1)).toBe('plain');
  expect((await convolved(shape(7), 'sample')).chosen).not.toContain('sample');
});
