// Joins the moments of shaders/packed/moments.wgsl over the parts of each segment (Chan, Golub and LeVeque's rule) into coefficients.
// CHANNELS × LANES = 64: so many channels a workgroup, so many lanes for each. coefficients: [segment][mean, 1 / deviation, scale, shift][channels].
// Grid: x channels / CHANNELS, y segments.
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
struct Params { channels: u32, affine: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> parts: array<vec4u>;
@group(0) @binding(2) var<storage, read> segments: array<vec4u>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;

// include reduce/lane_sum

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let segment = segments[wid.y];
  let channels = params.channels;
  let channel = min(wid.x * CHANNELS + lane % CHANNELS, channels - 1u);
  let first = segment.x + lane / CHANNELS;
  let n = f32(segment.z);
  let origin = partial[segment.x * 2u * channels + channel];
  var sum = 0.0;
  for (var part = first; part < segment.y; part += LANES) {
    sum += f32(parts[part].y - parts[part].x) * (partial[part * 2u * channels + channel] - origin);
  }
  let mean = origin + lane_sum(sum, lane) / n;
  var squares = 0.0;
  for (var part = first; part < segment.y; part += LANES) {
    let d = partial[part * 2u * channels + channel] - mean;
    squares += partial[(part * 2u + 1u) * channels + channel] + f32(parts[part].y - parts[part].x) * d * d;
  }
  squares = lane_sum(squares, lane);
  if (lane >= CHANNELS || wid.x * CHANNELS + lane >= channels) { return; }
  let inverse = 1.0 / sqrt(squares / n + params.eps);
  let at = wid.y * 4u * channels + channel;
  coefficients[at] = mean;
  coefficients[at + channels] = inverse;
  coefficients[at + 2u * channels] = inverse * select(1.0, gamma[channel], params.affine == 1u);
  coefficients[at + 3u * channels] = select(0.0, beta[channel], params.affine == 1u);
}
