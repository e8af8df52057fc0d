// Backward of a weight [depth, pairs] times one factor per pair: d_factor = Σ dy·weight over the depth and, with WEIGHT, d_weight = dy·factor,
// in one walk over the data. V = vec4f or f32, a thread for V pairs. Grid: x pairs / 64, folded (grid1d).
// variant: {"constants": {"WEIGHT": false}, "types": {"V": "vec4f"}}
// variant: {"constants": {"WEIGHT": false}, "types": {"V": "f32"}}
// variant: {"constants": {"WEIGHT": true}, "types": {"V": "vec4f"}}
// variant: {"constants": {"WEIGHT": true}, "types": {"V": "f32"}}
struct Params { depth: u32, pairs: u32 }
@group(0) @binding(0) var<storage, read> weight: array<V>;
@group(0) @binding(1) var<storage, read> factor: array<V>;
@group(0) @binding(2) var<storage, read> dy: array<V>;
@group(0) @binding(3) var<storage, read_write> d_factor: array<V>;
@group(0) @binding(4) var<storage, read_write> d_weight: array<V>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = (wid.y * groups.x + wid.x) * 64u + lane;
  if (r >= params.pairs) { return; }
  let by = factor[r];
  var sum = V(0);
  for (var k = 0u; k < params.depth; k++) {
    let at = k * params.pairs + r;
    let g = dy[at];
    sum += g * weight[at];
    if (WEIGHT) { d_weight[at] = g * by; }
  }
  d_factor[r] = sum;
}
