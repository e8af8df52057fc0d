// Include, no kernel: where a tensor has more channels than a kernel looks at (ROW_STRIDED), its rows are `gap` values longer than the walk's, so value i
// of the walk lies behind i by what is skipped. Threads walk in whole periods, which are rows then: they divide once and add what a step skips.
fn skipped(i: u32) -> u32 {
  if (ROW_STRIDED) { return i / params.period * params.gap; }
  return 0u;
}
