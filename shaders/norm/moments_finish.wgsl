// Joins the moments of shaders/norm/moments.wgsl (Chan, Golub and LeVeque's rule) into coefficients for shaders/norm/normalize.wgsl, and updates running
// statistics with the unbiased variance. So many CHANNELS a workgroup, so many LANES for each, summed in a fixed order: 64 together, or LANES = 1.
// coefficients: [mean, 1 / deviation, scale, shift][period]. Grid: period / CHANNELS.
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 1, "LANES": 64}}
// A partial result before `border` holds the moments of `each` values, one behind it (in the last chunk) of `last`, the first `rest` of one more.
struct Params {
  period: u32, channels: u32, positions: u32, size: u32,
  border: u32, each: u32, last: u32, rest: u32,
  eps: f32, momentum: f32,
}
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(4) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(5) var<storage, read_write> running_variance: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

// include reduce/lane_sum
// include norm/write_coefficients

fn values_in(partial_index: u32) -> f32 {
  if (partial_index < params.border) { return f32(params.each); }
  return f32(params.last + select(0u, 1u, partial_index - params.border < params.rest));
}

@compute @workgroup_size(CHANNELS * LANES)
fn batch(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = wid.x * CHANNELS + lane % CHANNELS;
  let inside = index < params.period;
  let channel = index % params.channels;
  let first = channel + lane / CHANNELS * params.channels;
  let step = LANES * params.channels;
  let end = select(0u, params.size, inside);
  let n = f32(params.positions);
  let origin = partial[channel];

  var sum = 0.0;
  for (var e = first; e < end; e += step) {
    sum += values_in(e) * (partial[e] - origin);
  }
  let mean = origin + lane_sum(sum, lane) / n;
  var squares = 0.0;
  for (var e = first; e < end;) {
    var run = 0.0; // by runs: the error grows with the longest row of additions
    for (let stop = min(end, e + 32u * step); e < stop; e += step) {
      let d = partial[e] - mean;
      run += partial[params.size + e] + values_in(e) * d * d;
    }
    squares += run;
  }
  squares = lane_sum(squares, lane);

  if (!inside || lane >= CHANNELS) { return; }
  write(index, mean, squares / n);
  if (index < params.channels && params.momentum > 0.0) {
    running_mean[index] = (1.0 - params.momentum) * running_mean[index] + params.momentum * mean;
    running_variance[index] = (1.0 - params.momentum) * running_variance[index] + params.momentum * (squares / max(n - 1.0, 1.0));
  }
}
