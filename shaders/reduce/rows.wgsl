// One workgroup reduces one piece of a row, through a tree in workgroup memory. Constants: OP, LANES (a power of two). Grid: grid1d(A·S).
// variant: {"constants": {"OP": 0, "LANES": 64}}
// variant: {"constants": {"OP": 2, "LANES": 64}}
// variant: {"constants": {"OP": 1, "LANES": 64}}
// include reduce/row
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = wid.y * groups.x + wid.x;
  if (group >= params.count) { return; }
  sums[lane] = share(group, lane);
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { sums[lane] = merge(sums[lane], sums[lane + width]); }
  }
  if (lane == 0u) { finish(group, sums[0]); }
}
