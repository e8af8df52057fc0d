// y = op(a, b) with broadcasting, one element at a time, in f32, any sides. Constants and types: see elementwise/broadcast_operands, f32 or
// f16. Grid: see tensor/grid_stride.
// variant: {"constants": {"OP": 0}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// variant: {"constants": {"OP": 0}, "types": {"A": "f16", "B": "f32", "Y": "f16"}}
// variant: {"constants": {"OP": 1}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// variant: {"constants": {"OP": 2}, "types": {"A": "f32", "B": "f32", "Y": "f32"}}
// include elementwise/broadcast_operands

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = first_of(wid, groups, lane);
  let step = step_of(groups);
  var at = position_of(first, params.sides);
  for (var i = first; i < params.count; i += step) {
    let av = f32(a[dot(at, params.a_strides)]);
    let bv = f32(b[dot(at, params.b_strides)]);
    y[i] = Y(combine(vec4f(av), vec4f(bv), params.weights).x);
    at = position_after(at, params.jump, params.sides);
  }
}
