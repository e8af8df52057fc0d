// Kernels that WebGPU refuses: named with the line of their own source, at once in Node and at the next wait in a page; the Gpu stays of use.
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/gpu/device/errors.ts';
import { Gpu } from '../../../src/gpu/gpu.ts';
import { type KernelCall, params } from '../../../src/gpu/kernel/kernel.ts';
import { refusedKernel } from '../../../src/gpu/kernel/refused.ts';
import { addShader } from '../../../src/gpu/kernel/shaders.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

const good = `// include tensor/chunk
@group(0) @binding(0) var<storage, read> x: array<T>;
@group(0) @binding(1) var<storage, read_write> y: array<T>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&y)) {
    y[id.x] = x[id.x] * FACTOR;
  }
}`;
const uniform = good.replace(
  '\n@compute',
  '\nstruct P { a: vec4f, b: vec4f }\n@group(0) @binding(2) var<uniform> p: P;\n@compute',
);

addShader('test_refused/good', good);
addShader('test_refused/syntax', good.replace('* FACTOR;', '* FACTOR'));
addShader('test_refused/name', good.replace('x[id.x] *', 'z[id.x] *'));
addShader('test_refused/size', good.replace('workgroup_size(64)', 'workgroup_size(64, 64, 64)'));
addShader('test_refused/uniform', uniform.replace('* FACTOR', '* p.a.x'));

const x = tensor(gpu, [1, 2, 3, 4], [4]);
const call = (shader: string, more: Partial<KernelCall> = {}): KernelCall => ({
  shader: `test_refused/${shader}`,
  types: { T: 'f32' },
  constants: { FACTOR: 2, GROUP: 8 },
  bindings: [x.slice, x.slice],
  grid: [1],
  ...more,
});

const cases: [string, KernelCall, RegExp, number?][] = [
  ['a syntax error', call('syntax'), /^kernel test_refused\/syntax, line 8 of its source: expected ';'.*, at `}`$/, 8],
  [
    'an unknown name',
    call('name'),
    /^kernel test_refused\/name, line 7 of its source: unresolved value 'z'.*z\[id\.x\]/,
    7,
  ],
  ['a folded grid', call('name', { grid: [70_000] }), /line 7 of its source/, 7],
  [
    'a type',
    call('good', { types: { T: 'f17' } }),
    /in its types and constants: unresolved type 'f17', at `alias T = f17;`/,
  ],
  ['a workgroup', call('size'), /^kernel test_refused\/size: .*workgroup/],
  ['an entry', call('good', { entry: 'nowhere' }), /nowhere/],
  [
    'an include',
    call('good', { constants: { FACTOR: 2 } }),
    /line 6 of shaders\/tensor\/chunk\.wgsl: unresolved value 'GROUP'/,
  ],
  [
    'params that are too short',
    call('uniform', { params: params(1) }),
    /^kernel test_refused\/uniform: .*size 16 .*too small.*32 bytes/,
  ],
  ['one buffer, read and written', call('good'), /^kernel test_refused\/good: .*usage/],
];

describe('a kernel that is refused', () => {
  it.each(cases)('for %s throws in the very call', async (_, wrong, message, line) => {
    for (let i = 0; i < 2; i++) expect(() => gpu.run(wrong)).toThrow(message);
    try {
      gpu.run(wrong);
    } catch (error) {
      expect(error).toBeInstanceOf(KernelError);
      expect((error as KernelError).line).toBe(line);
    }
    await gpu.idle();
  });

  it('ends a capture, which leaves nothing', async () => {
    expect(() => gpu.capture('broken', () => gpu.run(call('name')))).toThrow(/line 7/);
    gpu.capture('whole', () => {}).dispose();
    expect([...(await x.floats())]).toEqual([1, 2, 3, 4]);
  });

  it('can be corrected under its name', async () => {
    addShader('test_refused/corrected', good.replace('x[id.x] *', 'z[id.x] *'));
    const y = tensor(gpu, [0, 0, 0, 0], [4]);
    const run = () => gpu.run(call('corrected', { bindings: [x.slice, y.slice] }));
    expect(run).toThrow(/line 7/);
    for (const factor of ['*', '+']) {
      addShader('test_refused/corrected', good.replace('x[id.x] *', `x[id.x] ${factor}`));
      run();
      expect((await y.floats())[3]).toBe(factor === '*' ? 8 : 6);
    }
    y.release();
  });
});

describe('where WebGPU speaks up later, as in a page', () => {
  it.each(cases)('%s is thrown by the next wait, once', async (_, { ...wrong }, message) => {
    const page = await Gpu.open();
    Reflect.set(Reflect.get(Reflect.get(page, 'queue'), 'refusals'), 'atOnce', false);
    const own = tensor(page, [1, 2, 3, 4], [4]);
    const y = tensor(page, [0, 0, 0, 0], [4]);
    const right = (): void => page.run(call('good', { bindings: [own.slice, y.slice] }));
    wrong.bindings = wrong.bindings.map(() => own.slice);
    right();
    const program = page.capture('broken', () => page.run(wrong));
    program.replay();
    right();
    await expect(page.idle()).rejects.toThrow(message);
    await page.idle();
    expect([...(await y.floats())]).toEqual([2, 4, 6, 8]); // what was recorded around it ran
    expect(() => program.replay()).toThrow(message);
    right();
    await page.close();
  });
});

it.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /^a call of a kernel needs a shader.*; this one lacks some/],
  ['no bindings', { shader: 'test_refused/good', grid: [1] }, /; test_refused\/good lacks some/],
  ['a grid that is a number', call('good', { grid: 3 as never }), /lacks some/],
  [
    'a tensor among slices',
    call('good', { bindings: [x.slice, x as never] }),
    /^kernel test_refused\/good: binding 1 is no memory; a slice/,
  ],
])('a call of %s says so', (_, wrong, message) => {
  expect(() => gpu.run(wrong as KernelCall)).toThrow(KernelError);
  expect(() => gpu.run(wrong as KernelCall)).toThrow(message);
});

it.each([
  ['Error while parsing WGSL: :2:3 error: no b\n  b\n  ^', 'kernel k, line 2 of shaders/f.wgsl: no b, at `b`'],
  ['1 error generated while compiling the shader:\n2:1: no b', 'kernel k, line 2 of shaders/f.wgsl: no b, at `b`'],
  [
    'Shader parsing error: no b\n  ┌─ wgsl:2:1\n  │',
    'kernel k, line 2 of shaders/f.wgsl: Shader parsing error: no b, at `b`',
  ],
  ['too large\n - While calling', 'kernel k: too large'],
])('%j is %s', (message, wanted) =>
  expect(
    refusedKernel('k', message, [
      { text: 'a', file: 'f', line: 1 },
      { text: 'b', file: 'f', line: 2 },
    ]).message,
  ).toBe(wanted),
);
