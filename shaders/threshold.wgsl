// Compares every element with a threshold, four at a time. Grid: see strided.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params { threshold: f32 }
@group(0) @binding(2) var<uniform> params: Params;

// include strided

// 1 where x ≥ threshold, else 0.
@compute @workgroup_size(64)
fn binarize(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = first_of(wid, groups, lane); i < arrayLength(&y); i += step_of(groups)) { y[i] = select(vec4f(0), vec4f(1), x[i] >= vec4f(params.threshold)); }
}

// x where x ≥ threshold, else 0.
@compute @workgroup_size(64)
fn cut(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = first_of(wid, groups, lane); i < arrayLength(&y); i += step_of(groups)) { y[i] = select(vec4f(0), x[i], x[i] >= vec4f(params.threshold)); }
}
