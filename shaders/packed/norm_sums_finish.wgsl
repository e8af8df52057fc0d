// Adds up the sums of shaders/packed/norm_sums.wgsl: for each segment, divided by its pixels, and over all of them as the gradients of γ and β.
// CHANNELS × LANES = 64: so many channels a workgroup, so many lanes for each. sums: [segment][both][channels]. Grid: x channels / CHANNELS.
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
struct Params { channels: u32, segments: u32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> segments: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_gamma: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_beta: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include reduce/lane_sum

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channels = params.channels;
  let channel = min(wid.x * CHANNELS + lane % CHANNELS, channels - 1u);
  let writes = lane < CHANNELS && wid.x * CHANNELS + lane < channels;
  var beta = 0.0;
  var gamma = 0.0;
  for (var s = 0u; s < params.segments; s++) {
    let segment = segments[s];
    var sum = 0.0;
    var product = 0.0;
    for (var part = segment.x + lane / CHANNELS; part < segment.y; part += LANES) {
      sum += partial[part * 2u * channels + channel];
      product += partial[(part * 2u + 1u) * channels + channel];
    }
    sum = lane_sum(sum, lane);
    product = lane_sum(product, lane);
    beta += sum;
    gamma += product;
    if (writes) {
      sums[s * 2u * channels + channel] = sum / f32(segment.z);
      sums[(s * 2u + 1u) * channels + channel] = product / f32(segment.z);
    }
  }
  if (writes) {
    d_gamma[channel] = gamma;
    d_beta[channel] = beta;
  }
}
