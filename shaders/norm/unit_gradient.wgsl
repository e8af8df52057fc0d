// The input's gradient of norm/unit_normalize: (g − mean of g − x̂ · mean of g·x̂) / deviation, where g = dy · weight and x̂ is x standardized; not CENTERED: without
// the mean of g. Constants and types: norm/unit, WIDTH, CENTERED, WEIGHT.
// variant: {"constants": {"GROUP": 8, "LANES": 1, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": true, "WEIGHT": true}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 8, "LANES": 8, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": true, "WEIGHT": true}, "types": {"S": "vec4f", "H": "vec4f", "V": "vec4f"}, "includes": {"norm/unit_sum": "norm/unit_sum_subgroup"}}
// variant: {"constants": {"GROUP": 64, "LANES": 64, "STRIPS": false, "ACROSS": false, "WIDTH": 4, "CENTERED": false, "WEIGHT": true}, "types": {"S": "vec2u", "H": "vec4h", "V": "vec4f"}}
// variant: {"constants": {"GROUP": 256, "LANES": 8, "STRIPS": true, "ACROSS": true, "WIDTH": 1, "CENTERED": true, "WEIGHT": false}, "types": {"S": "f16", "H": "f16", "V": "f32"}}
@group(0) @binding(0) var<storage, read> x: array<S>;
@group(0) @binding(1) var<storage, read> dy: array<S>;
@group(0) @binding(2) var<storage, read> weight: array<V>;
@group(0) @binding(3) var<storage, read> moments: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<S>;
@group(0) @binding(5) var<uniform> params: Params;

// include norm/unit

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = lane_of(local);
  for (var group = wid.x; group * SHARE < params.units; group += groups.x) {
    let wanted = unit_of(group, local);
    let unit = min(wanted, params.units - 1u);
    let start = place_of(unit, lane);
    let channel = channel_of(unit);
    let own = moments[unit];

    var sum = V(0);
    var product = V(0);
    var place = start;
    for (var e = lane; e < params.length;) {
      var run = V(0);
      var run_product = V(0);
      for (let stop = min(params.length, e + RUN); e < stop; e += LANES) {
        let d = ((V(bitcast<H>(x[place.at])) - own.x) - own.y) * own.z;
        var g = V(bitcast<H>(dy[place.at]));
        if (WEIGHT) { g *= weight[channel + place.offset]; }
        if (CENTERED) { run += g; }
        run_product += g * d;
        place = next(place);
      }
      sum += run;
      product += run_product;
    }
    let mean = unit_sum(local, vec2f(across(sum), across(product))) / params.elements;

    let end = select(0u, params.length, wanted < params.units);
    place = start;
    for (var e = lane; e < end; e += LANES) {
      let d = ((V(bitcast<H>(x[place.at])) - own.x) - own.y) * own.z;
      var g = V(bitcast<H>(dy[place.at]));
      if (WEIGHT) { g *= weight[channel + place.offset]; }
      dx[place.at] = bitcast<S>(H(own.z * ((g - mean.x) - d * mean.y)));
      place = next(place);
    }
  }
}
