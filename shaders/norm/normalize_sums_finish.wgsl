// Adds up the partial sums of shaders/norm/normalize_sums.wgsl in a fixed order: for the input's gradient as sums [gradient, product][period],
// and for the parameters as d_shift and d_scale [channels]. CHANNELS, LANES and grid as in shaders/norm/moments_finish.wgsl.
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 1, "LANES": 64}}
struct Params { period: u32, channels: u32, size: u32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_shift: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include reduce/lane_sum

@compute @workgroup_size(CHANNELS * LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = wid.x * CHANNELS + lane % CHANNELS;
  let inside = index < params.period;
  let end = select(0u, params.size, inside);
  var sum = 0.0;
  var product = 0.0;
  let step = LANES * params.channels;
  for (var e = index % params.channels + lane / CHANNELS * params.channels; e < end;) {
    var run = vec2f(0); // by runs: the error grows with the longest row of additions
    for (let stop = min(end, e + 32u * step); e < stop; e += step) { run += vec2f(partial[e], partial[params.size + e]); }
    sum += run.x;
    product += run.y;
  }
  sum = lane_sum(sum, lane);
  product = lane_sum(product, lane);
  if (!inside || lane >= CHANNELS) { return; }
  sums[index] = sum;
  sums[params.period + index] = product;
  if (index < params.channels) {
    d_scale[index] = product;
    d_shift[index] = sum;
  }
}
