// Include: y [A, S, B] ← x [A, R, B] reduced over pieces of `piece` rows; each thread owns one element of y. The kernel defines value(i), an element of x as a
// vec4f, and put(i, result). Constants: OP (see reduce/op). Grid: grid1d(A·S·B / 64).
// include reduce/op
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the kernel's arrays
  pieces: u32, // S
  piece: u32,
  count: u32, // elements of y
  factor: f32, // for the result, unless
  root: u32, // is 1: then the square root is taken
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / params.columns;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let rows = min(params.piece, params.rows - low);
  var at = (outer * params.rows + low) * params.columns + i - strip * params.columns;
  var all = nothing();
  for (var r = 0u; r < rows;) {
    var run = nothing();
    for (let stop = min(rows, r + RUN); r < stop; r++) {
      run = join(run, met(value(at)));
      at += params.columns;
    }
    all = join(all, run);
  }
  let found = result_of(all);
  if (params.root == 1u) { put(i, sqrt(found)); } else { put(i, params.factor * found); }
}
