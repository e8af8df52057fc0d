// The pairs (target, place) of a list of indices: where its values go, `limit` for what goes nowhere. With EACH, index [outer, picks, width] gives every element a target of
// its own in [outer, rows, width]. Grid: grid1d(indices / 64).
// variant: {"constants": {"EACH": false}}
// variant: {"constants": {"EACH": true}}
@group(0) @binding(0) var<storage, read> index: array<u32>;
@group(0) @binding(1) var<storage, read_write> pairs: array<vec2u>;
struct Params { rows: u32, picks: u32, width: u32, count: u32, limit: u32 }
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let row = index[i];
  var place = row;
  if (EACH) {
    let pick = i / params.width;
    place = (pick / params.picks * params.rows + row) * params.width + i - pick * params.width;
  }
  pairs[i] = vec2u(select(params.limit, place, row < params.rows), i);
}
