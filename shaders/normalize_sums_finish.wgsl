// Adds up the partial sums of shaders/normalize_sums.wgsl in a fixed order: for the input's gradient as sums [row][gradient, product][period],
// and for the parameters (one row) as d_shift and d_scale [channels]. CHANNELS × LANES = 64 as in shaders/moments_finish.wgsl; same grid.
// variant: {"constants": {"CHANNELS": 8, "LANES": 8}}
// variant: {"constants": {"CHANNELS": 64, "LANES": 1}}
// variant: {"constants": {"CHANNELS": 1, "LANES": 64}}
struct Params { rows: u32, period: u32, channels: u32, size: u32, affine: u32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> d_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_shift: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

// include lane_sum

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = wid.x * CHANNELS + lane % CHANNELS;
  let row = wid.z * groups.y + wid.y;
  let inside = place < params.period && row < params.rows;
  let base = select(0u, row * 2u * params.size, inside);
  let end = select(0u, params.size, inside);
  var sum = 0.0;
  var product = 0.0;
  for (var e = place % params.channels + lane / CHANNELS * params.channels; e < end; e += LANES * params.channels) {
    sum += partial[base + e];
    product += partial[base + params.size + e];
  }
  sum = lane_sum(sum, lane);
  product = lane_sum(product, lane);
  if (!inside || lane >= CHANNELS) { return; }
  sums[row * 2u * params.period + place] = sum;
  sums[(row * 2u + 1u) * params.period + place] = product;
  if (params.affine == 1u && place < params.channels) {
    d_scale[place] = product;
    d_shift[place] = sum;
  }
}
