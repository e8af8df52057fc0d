// y = op(a, b) with broadcasting, one element at a time, any sides. Constants: OP (see broadcast_op). Grid: see strided.
// variant: {"constants": {"OP": 0}}
// variant: {"constants": {"OP": 1}}
// variant: {"constants": {"OP": 2}}
// include broadcast_op
// include strided
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
struct Params {
  // Sides of y; elements between neighbours along each side, 0 where an operand is repeated; see strided.
  sides: vec4u,
  a_strides: vec4u,
  b_strides: vec4u,
  jump: vec4u,
  weights: vec2f,
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = first_of(wid, groups, lane);
  let step = step_of(groups);
  var at = place_of(first, params.sides);
  for (var i = first; i < params.count; i += step) {
    y[i] = combine(vec4f(a[dot(at, params.a_strides)]), vec4f(b[dot(at, params.b_strides)]), params.weights).x;
    at = place_after(at, params.jump, params.sides);
  }
}
