// The gradient along one side: dx [outer, n, inner] of dy [outer, m, inner]. Each element adds up, in order, what the results that it is part of got: no two threads write
// to one place. Types: From, values of dy side by side along inner, which is in such; To, as many of dx, and Sum as many f32. Grid: chunkLaunch(gpu, elements of dx), see
// tensor/chunk.
// variant: {"constants": {"GROUP": 8, "TAPS": 1}, "types": {"From": "vec4f", "To": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "TAPS": 2}, "types": {"From": "vec2h", "To": "vec2f", "Sum": "vec2f"}}
// variant: {"constants": {"GROUP": 8, "TAPS": 4}, "types": {"From": "f32", "To": "f16", "Sum": "f32"}}
// include tensor/chunk
// include tensor/grid_stride
// include resize/taps
@group(0) @binding(0) var<storage, read> dy: array<From>;
@group(0) @binding(1) var<storage, read_write> dx: array<To>;
struct Params {
  side: Side,
  sides: vec4u, // 1 and those of dx
  jump: vec4u, // the position of element GROUP
  count: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

// The result that would lie at a place, in elements.
fn result_at(place: f32, side: Side) -> f32 {
  if (TAPS == 1u) { return place / side.ratio; }
  return (place + max(side.shift, 0.0)) / side.ratio - side.shift;
}

// The gradient of element `own`, of which `begin` is the place of the first result.
fn total(own: u32, begin: u32, inner: u32) -> Sum {
  let side = params.side;
  // Results that may have a part of it, whichever way their places are rounded; at the ends, all from there on.
  let before = select(f32(TAPS / 2u), 0.0, TAPS == 1u);
  let beyond = max(before, 1.0);
  var first = 0u;
  var end = side.m;
  if (side.ratio > 0.0) {
    if (own > 0u) { first = u32(clamp(floor(result_at(f32(own) - before, side)), 0.0, f32(side.m))); }
    if (own + 1u < side.n) { end = u32(clamp(ceil(result_at(f32(own) + beyond, side)) + 1.0, 0.0, f32(side.m))); }
  }
  var sum = Sum();
  for (var p = first; p < end;) {
    var run = Sum();
    for (let stop = min(end, p + 64u); p < stop; p++) {
      let b = between(p, side);
      let weights = weights_of(b.t);
      var weight = 0.0;
      var touched = false;
      for (var k = 0u; k < TAPS; k++) {
        if (element(b, k, side) == own) { weight += weights[k]; touched = true; }
      }
      if (touched) { run += weight * Sum(dy[begin + p * inner]); }
    }
    sum += run;
  }
  return sum;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = chunk(params.count, wid, groups, lane);
  let inner = params.sides.w;
  var at = position_of(s.first, params.sides);
  for (var i = s.first; i < s.end; i += GROUP) {
    dx[i] = To(total(at.z, at.y * params.side.m * inner + at.w, inner));
    at = position_after(at, params.jump, params.sides);
  }
}
