// y = op(a, b) with broadcasting, one element at a time, in f32, any sides. Constants: OP (see broadcast_op). Types: A, B and Y, how each is
// stored, f32 or f16. Grid: see strided.
// variant: {"constants": {"OP": 0}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// variant: {"constants": {"OP": 0}, "types": {"A": "f16", "B": "f32", "Y": "f16"}}
// variant: {"constants": {"OP": 1}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// variant: {"constants": {"OP": 2}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// include elementwise/broadcast_op
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> a: array<A>;
@group(0) @binding(1) var<storage, read> b: array<B>;
@group(0) @binding(2) var<storage, read_write> y: array<Y>;
struct Params {
  // Sides of y; elements between neighbors along each side, 0 where an operand is repeated; see strided.
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
    let av = f32(a[dot(at, params.a_strides)]);
    let bv = f32(b[dot(at, params.b_strides)]);
    y[i] = Y(combine(vec4f(av), vec4f(bv), params.weights).x);
    at = place_after(at, params.jump, params.sides);
  }
}
