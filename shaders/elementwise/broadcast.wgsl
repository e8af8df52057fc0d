// y = op(a, b) with broadcasting, four elements of y at a time, in f32. Constants and types: see elementwise/broadcast_operands,
// vec4f or vec4h.
// variant: {"constants": {"OP": 0}, "types": {"A": "vec4f", "B": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"OP": 0}, "types": {"A": "vec4h", "B": "vec4f", "Y": "vec4h"}}
// variant: {"constants": {"OP": 2}, "types": {"A": "vec4f", "B": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"OP": 1}, "types": {"A": "vec4f", "B": "vec4f", "Y": "vec4f"}}
// include elementwise/broadcast_operands

// b, the short operand, stays in registers. Grid: grid1d(threads / 64).
@compute @workgroup_size(64)
fn periodic(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.y * groups.x + wid.x) * 64u + lane;
  if (first >= params.step) { return; }
  let at = (vec4u(4u * first) + vec4u(0, 1, 2, 3)) % vec4u(params.period);
  let repeated = vec4f(B(b[at.x >> 2u][at.x & 3u], b[at.y >> 2u][at.y & 3u], b[at.z >> 2u][at.z & 3u], b[at.w >> 2u][at.w & 3u]));
  for (var i = first; i < params.count; i += params.step) {
    if (OP == 2) { y[i] = Y(combine(repeated, repeated, params.weights)); }
    else { y[i] = Y(combine(vec4f(a[i]), repeated, params.weights)); }
  }
}

// The innermost side of y is a multiple of four. Grid: see tensor/grid_stride.
@compute @workgroup_size(64)
fn general(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = first_of(wid, groups, lane);
  let step = step_of(groups);
  var at = position_of(first, params.sides);
  for (var i = first; i < params.count; i += step) {
    let a_offset = dot(at.xyz, params.a_strides.xyz);
    let b_offset = dot(at.xyz, params.b_strides.xyz);
    let av = vec4f(a[(a_offset >> 2u) + at.w * params.a_strides.w]);
    let bv = vec4f(b[(b_offset >> 2u) + at.w * params.b_strides.w]);
    y[i] = Y(combine(
      select(vec4f(av[a_offset & 3u]), av, params.a_strides.w == 1u),
      select(vec4f(bv[b_offset & 3u]), bv, params.b_strides.w == 1u),
      params.weights));
    at = position_after(at, params.jump, params.sides);
  }
}
