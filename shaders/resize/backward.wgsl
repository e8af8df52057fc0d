// The gradient along one side: dx [outer, n, inner] of dy [outer, m, inner]. Each element adds up, in order, what the results that it is part of got: no two threads write
// to one place. Types: From, values of dy side by side along inner, which is in such; To, as many of dx, and Sum as many f32. Grid: grid1d(elements of dx / 64).
// variant: {"constants": {"TAPS": 1}, "types": {"From": "vec4f", "To": "vec4f", "Sum": "vec4f"}}
// variant: {"constants": {"TAPS": 2}, "types": {"From": "vec2h", "To": "vec2f", "Sum": "vec2f"}}
// variant: {"constants": {"TAPS": 4}, "types": {"From": "f32", "To": "f16", "Sum": "f32"}}
// include resize/taps
@group(0) @binding(0) var<storage, read> dy: array<From>;
@group(0) @binding(1) var<storage, read_write> dx: array<To>;
struct Params { side: Side, inner: u32, count: u32 }
@group(0) @binding(2) var<uniform> params: Params;

// The result that would lie at a place, in elements.
fn result_at(place: f32, side: Side) -> f32 {
  if (TAPS == 1u || side.aligned == 1u) { return place / side.ratio; }
  return (place + 0.5) / side.ratio - 0.5;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = i / params.inner;
  let side = params.side;
  let outer = row / side.n;
  let own = row - outer * side.n;
  // Results that may have a part of it, and two more on each side for what is rounded; at the ends, all from there on.
  let reach = select(f32(TAPS / 2u), 1.0, TAPS == 1u);
  var first = 0u;
  var end = side.m;
  if (side.ratio > 0.0) {
    if (own > 0u) { first = u32(clamp(floor(result_at(f32(own) - reach, side)) - 2.0, 0.0, f32(side.m))); }
    if (own + 1u < side.n) { end = u32(clamp(ceil(result_at(f32(own) + reach, side)) + 3.0, 0.0, f32(side.m))); }
  }
  let begin = outer * side.m * params.inner + i - row * params.inner;
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
      if (touched) { run += weight * Sum(dy[begin + p * params.inner]); }
    }
    sum += run;
  }
  dx[i] = To(sum);
}
