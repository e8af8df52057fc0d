// As shape/transpose_tile, 4×4 values a thread in its own registers: what a software adapter does best, for which workgroup memory is only more memory. Both sides
// are multiples of four, and so is every step but theirs. Types: V, vec4u or vec4h. Grid: chunkLaunch(gpu, blocks), see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4u"}}
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4h"}}
// include tensor/chunk
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read_write> y: array<V>;
struct Params {
  // As there, by blocks; steps and offsets by vectors.
  sides: vec4u,
  x_steps: vec4i,
  y_steps: vec4i,
  x_offset: i32,
  y_offset: i32,
  count: u32,
  x_row: i32, // from a row of a block to the next, in x and in y
  jump: vec4u, // the position of block GROUP
  y_row: i32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    let here = params.x_offset + dot(vec4i(at), params.x_steps);
    let a = x[u32(here)];
    let b = x[u32(here + params.x_row)];
    let c = x[u32(here + 2 * params.x_row)];
    let d = x[u32(here + 3 * params.x_row)];
    let there = params.y_offset + dot(vec4i(at), params.y_steps);
    y[u32(there)] = V(a.x, b.x, c.x, d.x);
    y[u32(there + params.y_row)] = V(a.y, b.y, c.y, d.y);
    y[u32(there + 2 * params.y_row)] = V(a.z, b.z, c.z, d.z);
    y[u32(there + 3 * params.y_row)] = V(a.w, b.w, c.w, d.w);
    at = position_after(at, params.jump, params.sides);
  }
}
