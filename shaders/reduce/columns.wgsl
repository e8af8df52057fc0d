// y [A, S, B] ← x [A, R, B] reduced over pieces of `piece` rows, B a multiple of four; each thread owns four columns of a piece.
// Constants: OP (see reduce_op). Grid: grid1d(A·S·B/4 / 64).
// variant: {"constants": {"OP": 0}}
// variant: {"constants": {"OP": 2}}
// variant: {"constants": {"OP": 1}}
// include reduce/op
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
struct Params {
  rows: u32, // R
  columns: u32, // B, in elements of the arrays above
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
  var sofar = begin4(x[at]);
  for (var r = 0u; r < rows; r++) {
    sofar = join4(sofar, x[at]);
    at += params.columns;
  }
  if (params.root == 1u) { y[i] = sqrt(sofar); } else { y[i] = params.factor * sofar; }
}
