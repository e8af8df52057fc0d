// Launches of more workgroups than WebGPU takes along a side: they compute what the wanted grid would, in any kernel.
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/gpu/device/errors.ts';
import { variantsOf } from '../../../src/gpu/kernel/check-shaders.ts';
import { foldGrid, grid1d } from '../../../src/gpu/kernel/fold-grid.ts';
import { params } from '../../../src/gpu/kernel/kernel.ts';
import { addShader, assemble, loadShaders } from '../../../src/gpu/kernel/shaders.ts';
import { zeros } from '../../../src/tensor/tensor.ts';
import { gpu } from '../../support/gpu.ts';

// Every thread notes that it ran, at its place in the wanted grid; so a place met twice or never shows.
const SOURCE = (entry: string): string => `@group(0) @binding(0) var<storage, read_write> y: array<atomic<u32>>;
struct Params { x: u32, y: u32, z: u32 }
@group(0) @binding(1) var<uniform> params: Params;
var<workgroup> cell: array<u32, 4>;
${entry}`;
addShader(
  'test_fold/ids',
  SOURCE(`@compute @workgroup_size(2, 2)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (any(groups != vec3u(params.x, params.y, params.z))) { return; }
  atomicAdd(&y[(id.z * 2u * groups.y + id.y) * 2u * groups.x + id.x], 1u);
}`),
);
addShader(
  'test_fold/groups',
  SOURCE(`@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
  cell[lane] = lane;
  workgroupBarrier();
  let other = cell[3u - lane];
  atomicAdd(&y[((wid.z * groups.y + wid.y) * groups.x + wid.x) * 4u + other], 1u);
}`),
);

describe('a grid with a side of more than 65,535 workgroups', () => {
  it.each([
    ['test_fold/ids', [70_001, 2, 1]],
    ['test_fold/ids', [3, 65_536, 1]],
    ['test_fold/groups', [2, 3, 65_537]],
    ['test_fold/groups', [131_071, 1, 1]],
  ] as const)('%s runs once for every place of %o', async (shader, [x, y, z]) => {
    const seen = zeros(gpu, [4 * x * y * z], 'seen', 'u32');
    gpu.run({
      shader,
      bindings: [seen.slice],
      params: params(x, y, z),
      grid: [x, y, z],
      cost: { flops: 0, bytes: seen.bytes },
    });
    expect((await seen.data()).every((n) => n === 1)).toBe(true);
    seen.release();
  });

  it('can be had of every kernel of the package', async () => {
    let entries = 0;
    for (const [name, source] of await loadShaders()) {
      if (/^\s*\/\/ Include/.test(source) || name.startsWith('test')) continue;
      const code = assemble(name, variantsOf(source)[0]);
      for (const [, entry] of code.matchAll(/@compute[^{]*?\bfn (\w+)/g)) {
        const folded = foldGrid(name, code, entry, [70_000, 2, 3]);
        expect(folded, name).toContain('let folded_id');
        // Nothing that the wanted grid decides is left to the one that is dispatched.
        const [, list] = new RegExp(`fn ${entry}\\(((?:[^()]|\\([^()]*\\))*)\\)`).exec(folded)!;
        expect(list.match(/global_invocation_id|workgroup_id|num_workgroups/g), name).toEqual([
          'workgroup_id',
          'num_workgroups',
        ]);
        entries++;
      }
    }
    expect(entries).toBeGreaterThan(80);
  });

  it('is refused where even the flat grid is too long', () => {
    expect(grid1d(65535 ** 2)).toEqual([65535, 65535]);
    expect(() => foldGrid('any', '', 'main', [65535, 65535, 2])).toThrow(KernelError);
  });
});
