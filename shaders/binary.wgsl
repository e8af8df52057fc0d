// Functions of two tensors of one size, element by element, four a thread. Grid: grid1d(vec4s / 64).
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn index(wid: vec3u, groups: vec3u, lane: u32) -> u32 { return (wid.y * groups.x + wid.x) * 64u + lane; }

// a: the op's output, b: its gradient.
@compute @workgroup_size(64)
fn reluBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&y)) { y[i] = select(vec4f(0), b[i], a[i] > vec4f(0)); }
}

@compute @workgroup_size(64)
fn sigmoidBackward(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = index(wid, groups, lane);
  if (i < arrayLength(&y)) { y[i] = b[i] * a[i] * (1.0 - a[i]); }
}
