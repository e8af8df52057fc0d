// y = (x − mean) / √(variance + eps) · weight + bias for each unit (norm/unit), with the variance of all its values; not CENTERED: x / √(mean of squares + eps) · weight.
// The first walk finds a mean; the second, of deviations from it, what that mean lost to rounding as well, so that values far from 0 keep all their digits.
// Of zeros that a unit has and x does not store only their number is known. moments: of each unit the mean, what is added to it, 1 / deviation. Constants and types: norm/unit, WIDTH, CENTERED, WEIGHT, BIAS (are they given?).
// variant: {"constants": {"GROUP": 8, "LANES": 1, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": true, "WEIGHT": true, "BIAS": true}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "LANES": 8, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": true, "WEIGHT": true, "BIAS": true}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}, "includes": {"norm/unit_sum": "norm/unit_sum_subgroup"}}
// variant: {"constants": {"GROUP": 64, "LANES": 64, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": false, "WEIGHT": true, "BIAS": false}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 256, "LANES": 8, "STRIPS": true, "ACROSS": true, "WIDTH": 1, "CENTERED": true, "WEIGHT": false, "BIAS": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
// variant: {"constants": {"GROUP": 64, "LANES": 8, "STRIPS": true, "ACROSS": false, "WIDTH": 1, "CENTERED": true, "WEIGHT": true, "BIAS": true}, "types": {"S": "f32", "H": "f32", "V": "f32"}}
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> weight: array<V>;
@group(0) @binding(2) var<storage, read> bias: array<V>;
@group(0) @binding(3) var<storage, read_write> y: array<S>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

// include norm/unit

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = lane_of(local);
  for (var group = wid.x; group * SHARE < params.units; group += groups.x) {
    let wanted = unit_of(group, local);
    let unit = min(wanted, params.units - 1u);
    let start = place_of(unit, lane);

    var mean = 0.0;
    if (CENTERED) {
      var sum = V(0);
      var place = start;
      for (var e = lane; e < params.length;) {
        var run = V(0);
        for (let stop = min(params.length, e + RUN); e < stop; e += LANES) {
          run += V(bitcast<H>(x[place.at]));
          place = next(place);
        }
        sum += run;
      }
      mean = unit_sum(local, vec2f(across(sum), 0.0)).x / params.elements;
    }

    var rest = V(0);
    var squares = V(0);
    var place = start;
    for (var e = lane; e < params.length;) {
      var run = V(0);
      var run_squares = V(0);
      for (let stop = min(params.length, e + RUN); e < stop; e += LANES) {
        let d = V(bitcast<H>(x[place.at])) - mean;
        if (CENTERED) { run += d; }
        run_squares += d * d;
        place = next(place);
      }
      rest += run;
      squares += run_squares;
    }
    let stored = unit_sum(local, vec2f(across(rest), across(squares)));
    let total = (stored + params.zeros * vec2f(-mean, mean * mean)) / params.elements;
    let inverse = 1.0 / sqrt(total.y - total.x * total.x + params.eps);

    let end = select(0u, params.length, wanted < params.units);
    if (lane == 0u && wanted < params.units) { moments[unit] = vec4f(mean, total.x, inverse, 0.0); }
    let channel = channel_of(unit);
    place = start;
    for (var e = lane; e < end; e += LANES) {
      var v = ((V(bitcast<H>(x[place.at])) - mean) - total.x) * inverse;
      if (WEIGHT) { v *= weight[channel + place.offset]; }
      if (BIAS) { v += bias[channel + place.offset]; }
      y[place.at] = bitcast<S>(H(v));
      place = next(place);
    }
  }
}
