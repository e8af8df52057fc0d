// Include: the bindings of a reduction over rows, y [A, S] ← x [A, R], and one lane's share of a piece of a row.
// Rows need not start at a multiple of four: whole vec4s in the middle, single elements at the edges. Constants: OP, LANES (4 or more).
// include reduce/op
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
struct Params {
  row: u32, // R
  pieces: u32, // S
  piece: u32, // elements of each, the last may be shorter
  count: u32, // A·S
  factor: f32, // for the result, unless
  root: u32, // is 1: then the square root is taken
}
@group(0) @binding(2) var<uniform> params: Params;

fn share(group: u32, lane: u32) -> f32 {
  let outer = group / params.pieces;
  let start = (group - outer * params.pieces) * params.piece;
  let low = outer * params.row + start;
  let high = low + min(params.piece, params.row - start);
  let inner = (low + 3u) >> 2u;
  let end = max(inner, high >> 2u);
  let first = x[low >> 2u][low & 3u];
  var sofar = begin4(vec4f(first));
  for (var v = inner + lane; v < end; v += u32(LANES)) { sofar = join4(sofar, x[v]); }
  let head = low + lane;
  if (head < min(4u * inner, high)) { sofar.x = join4(sofar, vec4f(x[head >> 2u][head & 3u])).x; }
  let tail = 4u * end + lane;
  if (tail < high) { sofar.y = join4(sofar, vec4f(x[tail >> 2u][tail & 3u])).y; }
  return merge(merge(sofar.x, sofar.y), merge(sofar.z, sofar.w));
}

fn finish(group: u32, sofar: f32) {
  if (params.root == 1u) { y[group] = sqrt(sofar); } else { y[group] = params.factor * sofar; }
}
