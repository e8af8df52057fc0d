// Functions of one tensor, element by element, four a thread. Grid: grid1d(vec4s / 64).
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn index(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }

@compute @workgroup_size(64)
fn relu(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&y)) { y[i] = select(x[i], vec4f(0), x[i] < vec4f(0)); }
}

@compute @workgroup_size(64)
fn sigmoid(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&y)) { y[i] = 1.0 / (1.0 + exp(-x[i])); }
}
