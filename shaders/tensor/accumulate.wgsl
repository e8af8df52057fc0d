// Copies or adds one tensor into another, four elements at a time. Types: V, vec4f or vec4h. Grid: see tensor/chunk. The slack behind the last element is copied too.
// variant: {"constants": {"GROUP": 8}, "types": {"V": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"V": "vec4h"}}
@group(0) @binding(0) var<storage, read_write> target_: array<V>;
@group(0) @binding(1) var<storage, read> source: array<V>;

// include tensor/chunk

@compute @workgroup_size(GROUP)
fn copy(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&target_), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { target_[i] = source[i]; }
}

@compute @workgroup_size(GROUP)
fn add(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&target_), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { target_[i] = V(vec4f(target_[i]) + vec4f(source[i])); }
}
