// One workgroup, which is one subgroup, searches pieces of rows, `each` of them in turn, without workgroup memory. Constants and type: see reduce/arg_row; LANES is the adapter's only
// subgroup size. Grid: grid1d(A·S / each).
// variant: {"constants": {"SMALLEST": false, "LANES": 8}, "types": {"X": "vec4f"}}
// variant: {"constants": {"SMALLEST": true, "LANES": 8}, "types": {"X": "vec4h"}}
enable subgroups;
// include reduce/arg_row

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.y * groups.x + wid.x) * params.each;
  let end = min(first + params.each, params.count);
  for (var group = first; group < end; group++) { one(group, lane); }
}

fn one(group: u32, lane: u32) {
  let mine = share(group, lane);
  let best = subgroupMax(mine.rank.x);
  let row = subgroupMin(select(NOWHERE, mine.row.x, mine.rank.x == best));
  if (lane == 0u) { found[group] = row; }
}
