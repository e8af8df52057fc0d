// Include, no kernel: folds over the LANES (a power of two) of a workgroup, in workgroup memory. To be called by all lanes together.
var<workgroup> group_cells: array<f32, LANES>;

fn group_sum(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  group_cells[lane] = value;
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { group_cells[lane] += group_cells[lane + width]; }
  }
  workgroupBarrier();
  return group_cells[0];
}

fn group_max(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  group_cells[lane] = value;
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { group_cells[lane] = max(group_cells[lane], group_cells[lane + width]); }
  }
  workgroupBarrier();
  return group_cells[0];
}
