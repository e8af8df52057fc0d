// Functions of one tensor, element by element, four at a time, in f32. Types: V, how they are stored, vec4f or vec4h. Grid: see chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4h"}}
@group(0) @binding(0) var<storage, read> x: array<V>;
@group(0) @binding(1) var<storage, read_write> y: array<V>;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn relu(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = select(x[i], V(0), x[i] < V(0)); }
}

@compute @workgroup_size(GROUP)
fn sigmoid(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = V(1.0 / (1.0 + exp(-vec4f(x[i])))); }
}

@compute @workgroup_size(GROUP)
fn absolute(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = abs(x[i]); }
}
