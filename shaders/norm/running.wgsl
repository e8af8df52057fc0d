// Coefficients for shaders/norm/normalize.wgsl from running statistics, which it only reads: what is frozen may lie in one buffer with them.
// coefficients: [mean, 1 / deviation, scale, shift][period]. Grid: period / 64.
struct Params { period: u32, channels: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> gamma: array<f32>;
@group(0) @binding(1) var<storage, read> beta: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

// include norm/write_coefficients

@compute @workgroup_size(64)
fn running(@builtin(global_invocation_id) id: vec3u) {
  let channel = id.x % params.channels;
  if (id.x < params.period) { write(id.x, mean[channel], variance[channel]); }
}
