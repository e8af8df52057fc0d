// Include: y [A, S, B] ← x [A, R, B] reduced over pieces of `piece` rows; each thread owns one element of y. The kernel defines value(i), an element of x as a
// vec4f, origin_of(i), the origin [A, B] of a column, where reduce/op asks for one, and put(i, result). Grid: grid1d(A·S·B / 64).
// include reduce/op
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the kernel's arrays
  pieces: u32, // S
  piece: u32,
  count: u32, // elements of y
  factor: f32, // for the result
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.y * groups.x + wid.x) * 64u + lane;
  if (i >= params.count) { return; }
  let strip = i / params.columns;
  let outer = strip / params.pieces;
  let low = (strip - outer * params.pieces) * params.piece;
  let column = i - strip * params.columns;
  let base = origin_of(outer * params.columns + column);
  let rows = min(params.piece, params.rows - low);
  var at = (outer * params.rows + low) * params.columns + column;
  var all = nothing();
  for (var r = 0u; r < rows;) {
    var run = nothing();
    for (let stop = min(rows, r + RUN); r < stop; r++) {
      run = join(run, met(term(value(at), base)));
      at += params.columns;
    }
    all = join(all, run);
  }
  put(i, finished(result_of(all), base, params.factor));
}
