// Compares every element with a threshold, four at a time; NaN, which is looked for in the bits, stays NaN. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}}
// variant: {"constants": {"GROUP": 256}}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params { threshold: f32 }
@group(0) @binding(2) var<uniform> params: Params;

// include tensor/chunk

fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

// 1 where x ≥ threshold, else 0.
@compute @workgroup_size(GROUP)
fn binarizeSTE(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = select(select(vec4f(0), vec4f(1), x[i] >= vec4f(params.threshold)), x[i], is_nan(x[i])); }
}

// x where x ≥ threshold, else 0.
@compute @workgroup_size(GROUP)
fn hardThreshold(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = select(vec4f(0), x[i], (x[i] >= vec4f(params.threshold)) | is_nan(x[i])); }
}
