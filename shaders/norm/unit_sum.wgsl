// Include, no kernel: sums over the lanes of a unit (norm/unit), in a fixed tree. Every lane of the workgroup must call unit_sum, and gets its unit's.
var<workgroup> unit_cells: array<vec2f, GROUP>;

fn unit_sum(local: u32, mine: vec2f) -> vec2f {
  if (LANES == 1) { return mine; }
  let lane = lane_of(local);
  workgroupBarrier();
  unit_cells[local] = mine;
  for (var width = params.half; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) { unit_cells[local] += unit_cells[local + width * LANE_STEP]; }
  }
  workgroupBarrier();
  return unit_cells[local - lane * LANE_STEP];
}
