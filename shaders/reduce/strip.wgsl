// Include: y [A, S, B] ← x [A, R, B] reduced over pieces of `piece` rows; a thread owns WIDE elements of a row of y, neighbors of SIDE threads side by side, so that a
// software adapter reads long stretches of a row of x. The kernel defines value(i), an element of x as a vec4f (reduce/operand), origin_of(i), the origin [A, B] of a column, where
// reduce/op asks for one, and put(i, result). Constants: WIDE, SIDE, and those of reduce/op. Grid: grid1d(A·S·blocks·SIDE / 64).
// include reduce/op
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the kernel's arrays
  blocks: u32, // of WIDE·SIDE columns, the last may be shorter
  pieces: u32, // S
  piece: u32,
  count: u32, // threads
  factor: f32, // for the result
// include gpu/words
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / SIDE / params.blocks;
  let first = (i / SIDE - strip * params.blocks) * WIDE * SIDE + i % SIDE;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let rows = min(params.piece, params.rows - low);
  // Columns beyond the last are reduced as that, and not written.
  var columns: array<u32, WIDE>;
  var bases: array<vec4f, WIDE>;
  var all: array<Fold, WIDE>;
  for (var k = 0u; k < WIDE; k++) {
    columns[k] = min(first + k * SIDE, params.columns - 1u);
    bases[k] = origin_of(outer * params.columns + columns[k]);
    all[k] = nothing();
  }
  var at = (outer * params.rows + low) * params.columns;
  for (var r = 0u; r < rows;) {
    var run: array<Fold, WIDE>;
    for (var k = 0u; k < WIDE; k++) { run[k] = nothing(); }
    for (let stop = min(rows, r + RUN); r < stop; r++) {
      for (var k = 0u; k < WIDE; k++) { run[k] = join(run[k], met(term(value(at + columns[k]), bases[k]))); }
      at += params.columns;
    }
    for (var k = 0u; k < WIDE; k++) { all[k] = join(all[k], run[k]); }
  }
  for (var k = 0u; k < WIDE; k++) {
    if (first + k * SIDE < params.columns) {
      put(strip * params.columns + columns[k], finished(result_of(all[k]), bases[k], params.factor));
    }
  }
}
