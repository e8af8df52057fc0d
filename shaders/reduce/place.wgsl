// Puts values [A, K, B] where an index [A, K, B] says along R, no place twice: y [A, R, B]. What no index names stays. Type: V, how both are stored.
// Grid: grid1d(A·K·B / 64).
// variant: {"types": {"V": "f32"}}
// variant: {"types": {"V": "f16"}}
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read> values: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;
struct Params { rows: u32, columns: u32, picks: u32, count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let pick = i / params.columns;
  y[(pick / params.picks * params.rows + index[i]) * params.columns + i - pick * params.columns] = values[i];
}
