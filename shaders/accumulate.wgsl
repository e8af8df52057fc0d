// Copies or adds one f32 tensor into another, four elements a thread. Grid: grid1d(vec4s / 64). The slack behind the last element is copied too.
@group(0) @binding(0) var<storage, read_write> target_: array<vec4f>;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;

fn index(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }

@compute @workgroup_size(64)
fn copy(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&target_)) { target_[i] = source[i]; }
}

@compute @workgroup_size(64)
fn add(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&target_)) { target_[i] += source[i]; }
}
