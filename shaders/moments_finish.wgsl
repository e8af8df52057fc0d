// Joins the moments of shaders/moments.wgsl (Chan, Golub and LeVeque's rule) into coefficients for shaders/normalize.wgsl, and updates running
// statistics with the unbiased variance. CHANNELS × LANES = 64: so many channels a workgroup, so many lanes for each, summed in a fixed order.
// coefficients: [row][mean, 1 / deviation, scale, shift][period]. Grid: x period / CHANNELS, y and z rows (grid1d).
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 1, "LANES": 64}}
struct Params { rows: u32, period: u32, channels: u32, size: u32, total: u32, affine: u32, eps: f32, momentum: f32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(4) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(5) var<storage, read_write> running_variance: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

// include lane_sum

fn write(row: u32, place: u32, mean: f32, variance: f32) {
  let channel = place % params.channels;
  let inverse = 1.0 / sqrt(variance + params.eps);
  let at = row * 4u * params.period + place;
  coefficients[at] = mean;
  coefficients[at + params.period] = inverse;
  coefficients[at + 2u * params.period] = inverse * select(1.0, gamma[channel], params.affine == 1u);
  coefficients[at + 3u * params.period] = select(0.0, beta[channel], params.affine == 1u);
}

@compute @workgroup_size(64)
fn batch(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = wid.x * CHANNELS + lane % CHANNELS;
  let row = wid.z * groups.y + wid.y;
  let inside = place < params.period && row < params.rows;
  let channel = place % params.channels;
  let first = channel + lane / CHANNELS * params.channels;
  let step = LANES * params.channels;
  let base = select(0u, row * 2u * params.size, inside);
  let end = select(0u, params.size, inside);
  let each = params.total / params.size;
  let longer = params.total % params.size;
  let n = f32(params.total / params.channels);
  let origin = partial[base + channel];

  var sum = 0.0;
  for (var e = first; e < end; e += step) {
    sum += f32(each + select(0u, 1u, e < longer)) * (partial[base + e] - origin);
  }
  let mean = origin + lane_sum(sum, lane) / n;
  var squares = 0.0;
  for (var e = first; e < end; e += step) {
    let d = partial[base + e] - mean;
    squares += partial[base + params.size + e] + f32(each + select(0u, 1u, e < longer)) * d * d;
  }
  squares = lane_sum(squares, lane);

  if (!inside || lane >= CHANNELS) { return; }
  write(row, place, mean, squares / n);
  if (place < params.channels && params.momentum > 0.0) {
    running_mean[place] = (1.0 - params.momentum) * running_mean[place] + params.momentum * mean;
    running_variance[place] = (1.0 - params.momentum) * running_variance[place] + params.momentum * (squares / max(n - 1.0, 1.0));
  }
}

// Coefficients from running statistics. Grid: period / 64.
@compute @workgroup_size(64)
fn running(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.period) { write(0u, id.x, running_mean[id.x % params.channels], running_variance[id.x % params.channels]); }
}
