// A kernel for tests that need any: y ← x, four elements at a time, in grids and at costs that the test makes up.
import { addShader } from '../../src/gpu/kernel/shaders.ts';

/** Its shader: binds y and x, f32. */
export const COPY = 'test/copy';

addShader(
  COPY,
  `@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
// include tensor/chunk
@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = x[i]; }
}`,
);
