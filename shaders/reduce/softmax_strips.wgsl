// Include: threads over the columns of a softmax along R of [A, R, B], shared as in reduce/strip. The kernel binds params and defines strip(first, end, own): WIDE columns
// from `own` on, SIDE apart, of the rows from element `first` to `end`. Constants: WIDE, SIDE, GROUP. Grid: grid1d(A·blocks·SIDE / GROUP).
struct Params {
  rows: u32,
  columns: u32, // in elements of the arrays
  blocks: u32, // of WIDE·SIDE columns, the last may be shorter
  count: u32, // threads
  run: u32, // how far a run of additions goes
// include gpu/words
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * GROUP + lane;
  if (i >= params.count) { return; }
  let outer = i / SIDE / params.blocks;
  let own = (i / SIDE - outer * params.blocks) * WIDE * SIDE + i % SIDE;
  let first = outer * params.rows * params.columns;
  let end = first + params.rows * params.columns;
  strip(first, end, own);
}
