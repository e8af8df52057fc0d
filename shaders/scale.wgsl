// y = factor·x + shift, four elements at a time. Grid: see strided.
// include strided
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params { factor: f32, shift: f32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = arrayLength(&y);
  for (var i = first_of(wid, groups, lane); i < end; i += step_of(groups)) { y[i] = params.factor * x[i] + params.shift; }
}
