// Copies or adds one f32 tensor into another, four elements at a time. Grid: see strided. The slack behind the last element is copied too.
@group(0) @binding(0) var<storage, read_write> target_: array<vec4f>;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;

// include strided

@compute @workgroup_size(64)
fn copy(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = first_of(wid, groups, lane); i < arrayLength(&target_); i += step_of(groups)) { target_[i] = source[i]; }
}

@compute @workgroup_size(64)
fn add(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = first_of(wid, groups, lane); i < arrayLength(&target_); i += step_of(groups)) { target_[i] += source[i]; }
}
