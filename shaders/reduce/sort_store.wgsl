// The values of x [A, R, B] in the order of sorted pairs [A·B, K], and their places along R, both [A, K, B]. Type: X, how x is stored. Grid: grid1d(A·K·B / 64).
// variant: {"types": {"X": "f32"}}
// variant: {"types": {"X": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> values: array<X>;
@group(0) @binding(3) var<storage, read_write> indices: array<u32>;
struct Params { rows: u32, columns: u32, picks: u32, count: u32 }
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let line = i / params.columns;
  let column = i - line * params.columns;
  let outer = line / params.picks;
  let place = pairs[(outer * params.columns + column) * params.picks + line - outer * params.picks].y;
  indices[i] = place;
  values[i] = x[(outer * params.rows + place) * params.columns + column];
}
