// y = op(a, b) with broadcasting, four elements of y at a time. Constants: OP (see broadcast_op).
// variant: {"constants": {"OP": 0}}
// variant: {"constants": {"OP": 2}}
// variant: {"constants": {"OP": 1}}
// include broadcast_op
// include strided
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
struct Params {
  // general: sides of y, the last in vec4s; elements between neighbours along each side, 0 where an operand is repeated; see strided.
  sides: vec4u,
  a_strides: vec4u,
  b_strides: vec4u,
  jump: vec4u,
  weights: vec2f,
  // vec4s of y
  count: u32,
  // periodic: b repeats after `period` elements; a thread takes every `step`-th vec4, where 4·step is a multiple of the period.
  period: u32,
  step: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

// b, the short operand, stays in registers. Grid: grid1d(threads / 64).
@compute @workgroup_size(64)
fn periodic(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.y * groups.x + wid.x) * 64u + lane;
  if (first >= params.step) { return; }
  let at = (vec4u(4u * first) + vec4u(0, 1, 2, 3)) % vec4u(params.period);
  let repeated = vec4f(b[at.x >> 2u][at.x & 3u], b[at.y >> 2u][at.y & 3u], b[at.z >> 2u][at.z & 3u], b[at.w >> 2u][at.w & 3u]);
  for (var i = first; i < params.count; i += params.step) {
    if (OP == 2) { y[i] = combine(repeated, repeated, params.weights); }
    else { y[i] = combine(a[i], repeated, params.weights); }
  }
}

// The innermost side of y is a multiple of four. Grid: see strided.
@compute @workgroup_size(64)
fn general(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = first_of(wid, groups, lane);
  let step = step_of(groups);
  var at = place_of(first, params.sides);
  for (var i = first; i < params.count; i += step) {
    let a_offset = dot(at.xyz, params.a_strides.xyz);
    let b_offset = dot(at.xyz, params.b_strides.xyz);
    let av = a[(a_offset >> 2u) + at.w * params.a_strides.w];
    let bv = b[(b_offset >> 2u) + at.w * params.b_strides.w];
    y[i] = combine(
      select(vec4f(av[a_offset & 3u]), av, params.a_strides.w == 1u),
      select(vec4f(bv[b_offset & 3u]), bv, params.b_strides.w == 1u),
      params.weights);
    at = place_after(at, params.jump, params.sides);
  }
}
