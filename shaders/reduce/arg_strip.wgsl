// Include: the row in which each column of x [A, R, B] has its extreme, for pieces of `piece` rows: found [A, S, B]; each thread owns one element of it. The kernel
// defines value(i), an element of x as a vec4f, and put(i, rows). Constant: SMALLEST. Grid: grid1d(A·S·B / 64).
// include reduce/arg
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the kernel's arrays
  pieces: u32, // S
  piece: u32,
  count: u32, // elements of found
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / params.columns;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let high = min(low + params.piece, params.rows);
  var at = (outer * params.rows + low) * params.columns + i - strip * params.columns;
  var best = found_nothing();
  for (var r = low; r < high; r++) {
    best = found_later(best, worth(value(at)), vec4u(r));
    at += params.columns;
  }
  put(i, best.row);
}
