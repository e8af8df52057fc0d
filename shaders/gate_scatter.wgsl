// result[place[g]] ← gates[g], with ABSOLUTE with the sign of the weight there. No two gates share a place. Grid: x gates / 64, folded (grid1d).
// variant: {"constants": {"ABSOLUTE": false}}
// variant: {"constants": {"ABSOLUTE": true}}
struct Params { gates: u32 }
@group(0) @binding(0) var<storage, read> gates: array<f32>;
@group(0) @binding(1) var<storage, read> place: array<u32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let g = (wid.y * groups.x + wid.x) * 64u + lane;
  if (g >= params.gates) { return; }
  let at = place[g];
  result[at] = gates[g] * select(1.0, sign(weight[at]), ABSOLUTE);
}
