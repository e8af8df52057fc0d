// One workgroup searches one piece of a row, through a tree in workgroup memory. Constants and type: see reduce/arg_row. Grid: grid1d(A·S).
// variant: {"constants": {"SMALLEST": false, "LANES": 64}, "types": {"X": "vec4f"}}
// variant: {"constants": {"SMALLEST": true, "LANES": 64}, "types": {"X": "vec4h"}}
// include reduce/arg_row
var<workgroup> cells: array<vec2u, LANES>;

fn cell_of(p: Found) -> vec2u { return vec2u(bitcast<u32>(p.rank.x), p.row.x); }
fn found_in(cell: vec2u) -> Found { return Found(vec4i(bitcast<i32>(cell.x)), vec4u(cell.y)); }

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = wid.y * groups.x + wid.x;
  if (group >= params.count) { return; }
  cells[lane] = cell_of(share(group, lane));
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { cells[lane] = cell_of(found_either(found_in(cells[lane]), found_in(cells[lane + width]))); }
  }
  if (lane == 0u) { found[group] = cells[0].y; }
}
