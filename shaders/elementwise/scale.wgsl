// y = factor·x + shift, four elements at a time, in f32. Types: X and Y, how each is stored, vec4f or vec4h. Grid: see tensor/chunk.
// variant: {"constants": {"GROUP": 8}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"GROUP": 256}, "types": {"X": "vec4h", "Y": "vec4f"}}
// include tensor/chunk
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> y: array<Y>;
struct Params { factor: f32, shift: f32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(min(arrayLength(&x), arrayLength(&y)), wid, groups, lane);
  for (var i = s.first; i < s.end; i += GROUP) { y[i] = Y(params.factor * vec4f(x[i]) + params.shift); }
}
