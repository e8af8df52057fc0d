// Copies a tensor into another layout for a convolution kernel: output [a, b, c] takes element i·sa + j·sb + k·sc of the input where j < jn and k < kn, zeros
// elsewhere. Pads channels, cuts the padding off again, transposes weights. Grid: grid1d(elements of the output / 64).
@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
struct Params { a: u32, b: u32, c: u32, sa: u32, sb: u32, sc: u32, jn: u32, kn: u32 }
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (wid.y * groups.x + wid.x) * 64u + lane;
  if (at >= p.a * p.b * p.c) { return; }
  let k = at % p.c;
  let j = at / p.c % p.b;
  let i = at / (p.c * p.b);
  var value = 0.0;
  if (j < p.jn && k < p.kn) { value = input[i * p.sa + j * p.sb + k * p.sc]; }
  output[at] = value;
}
