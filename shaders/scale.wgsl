// y = factor·x + shift, four elements at a time. Grid: see stretch.
// variant: {"constants": {"GROUP": 8}}
// variant: {"constants": {"GROUP": 256}}
// include stretch
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params { factor: f32, shift: f32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = stretch(arrayLength(&y), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = params.factor * x[i] + params.shift; }
}
