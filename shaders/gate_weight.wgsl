// A weight [depth, pairs] times one factor per pair, and back. V = vec4f or f32, a thread for V pairs. Grid: x pairs / 64, folded (grid1d).
// variant: {"constants": {"ABSOLUTE": false}, "types": {"V": "f32"}}
// variant: {"constants": {"ABSOLUTE": false}, "types": {"V": "vec4f"}}
// variant: {"constants": {"ABSOLUTE": true}, "types": {"V": "vec4f"}}
// variant: {"constants": {"ABSOLUTE": true}, "types": {"V": "f32"}}
struct Params { depth: u32, pairs: u32 }
@group(0) @binding(0) var<storage, read> weight: array<V>;
@group(0) @binding(1) var<storage, read> factor: array<V>;
@group(0) @binding(2) var<storage, read_write> result: array<V>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn multiply(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = (wid.y * groups.x + wid.x) * 64u + lane;
  if (r >= params.pairs) { return; }
  let by = factor[r];
  for (var k = 0u; k < params.depth; k++) { result[k * params.pairs + r] = weight[k * params.pairs + r] * by; }
}

// result ← factor, on every level; with ABSOLUTE with the sign of the weight.
@compute @workgroup_size(64)
fn spread(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = (wid.y * groups.x + wid.x) * 64u + lane;
  if (r >= params.pairs) { return; }
  let value = factor[r];
  for (var k = 0u; k < params.depth; k++) {
    let at = k * params.pairs + r;
    if (ABSOLUTE) { result[at] = value * sign(weight[at]); } else { result[at] = value; }
  }
}
