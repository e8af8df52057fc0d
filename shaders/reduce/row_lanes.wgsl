// Include, no kernel: folds over rows of C values, each row shared out among LANES lanes (1, 8 or 64) of a workgroup of 64.
// Every lane of the workgroup must call the folds. Constants: LANES.
const LOWEST = -0x1.fffffep+127f;
var<workgroup> row_cells: array<f32, 64>;

// Lanes add up in runs of so many values, and runs of these: the error grows with the longest row of additions.
const RUN = 128u * LANES;

fn row_of(group: u32, local: u32) -> u32 { return group * (64u / LANES) + local / LANES; }

fn row_sum(local: u32, mine: f32) -> f32 {
  if (LANES == 1) { return mine; }
  workgroupBarrier();
  row_cells[local] = mine;
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (local % LANES < width) { row_cells[local] += row_cells[local + width]; }
  }
  workgroupBarrier();
  return row_cells[local - local % LANES];
}

fn row_max(local: u32, mine: f32) -> f32 {
  if (LANES == 1) { return mine; }
  workgroupBarrier();
  row_cells[local] = mine;
  for (var width = u32(LANES) / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (local % LANES < width) { row_cells[local] = max(row_cells[local], row_cells[local + width]); }
  }
  workgroupBarrier();
  return row_cells[local - local % LANES];
}
