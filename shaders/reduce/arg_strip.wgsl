// Include: the row in which each column of x [A, R, B] has its extreme, for pieces of `piece` rows: found [A, S, B]; threads share them as in reduce/strip. The kernel
// defines value(i), an element of x as a vec4f, and put(i, rows). Constants: SMALLEST, WIDE, SIDE. Grid: grid1d(A·S·blocks·SIDE / 64).
// include reduce/arg
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the kernel's arrays
  blocks: u32, // of WIDE·SIDE columns, the last may be shorter
  pieces: u32, // S
  piece: u32,
  count: u32, // threads
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / SIDE / params.blocks;
  let first = (i / SIDE - strip * params.blocks) * WIDE * SIDE + i % SIDE;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let high = min(low + params.piece, params.rows);
  var columns: array<u32, WIDE>;
  var best: array<Found, WIDE>;
  for (var k = 0u; k < WIDE; k++) {
    columns[k] = min(first + k * SIDE, params.columns - 1u);
    best[k] = found_nothing();
  }
  var at = (outer * params.rows + low) * params.columns;
  for (var r = low; r < high; r++) {
    for (var k = 0u; k < WIDE; k++) { best[k] = found_later(best[k], worth(value(at + columns[k])), vec4u(r)); }
    at += params.columns;
  }
  for (var k = 0u; k < WIDE; k++) {
    if (first + k * SIDE < params.columns) { put(strip * params.columns + columns[k], best[k].row); }
  }
}
