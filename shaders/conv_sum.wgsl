// Adds the planes that a weight gradient was split into, first to last, so that the same inputs give the same bits; planes may be padded
// beyond the weight [taps, ci, co] to [taps, cip, cop]. Grid: grid1d(elements / 64).
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> dw: array<f32>;
struct Params { taps: u32, ci: u32, co: u32, cip: u32, cop: u32, planes: u32 }
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= p.taps * p.ci * p.co) { return; }
  let at = (i / (p.ci * p.co) * p.cip + i / p.co % p.ci) * p.cop + i % p.co;
  var sum = 0.0;
  for (var plane = 0u; plane < p.planes; plane++) { sum += partial[at + plane * p.taps * p.cip * p.cop]; }
  dw[i] = sum;
}
