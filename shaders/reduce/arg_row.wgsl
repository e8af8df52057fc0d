// Include: the bindings of a search over rows, found [A, S] in x [A, R], and what one lane finds of a piece of a row: whole vec4s in the middle, single elements at
// the edges, as in reduce/row. Constants: LANES (4 or more), SMALLEST. Type: X, how four of x are stored.
// include reduce/arg
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;
struct Params {
  row: u32, // R
  each: u32, // results of a workgroup, where it takes several
  pieces: u32, // S
  piece: u32, // elements of each, the last may be shorter
  count: u32, // A·S
}
@group(0) @binding(2) var<uniform> params: Params;

// All four the same, places from the first element of the row.
fn share(group: u32, lane: u32) -> Found {
  let outer = group / params.pieces;
  let start = (group - outer * params.pieces) * params.piece;
  let row = outer * params.row;
  let low = row + start;
  let high = low + min(params.piece, params.row - start);
  let inner = (low + 3u) >> 2u;
  let end = max(inner, high >> 2u);
  var best = found_nothing();
  for (var v = inner + lane; v < end; v += LANES) { best = found_later(best, worth(vec4f(x[v])), vec4u(v)); }
  let at = select(4u * best.row + vec4u(0, 1, 2, 3) - vec4u(row), vec4u(NOWHERE), best.row == vec4u(NOWHERE));
  var all = found_either(Found(best.rank.xxxx, at.xxxx), Found(best.rank.yyyy, at.yyyy));
  all = found_either(all, found_either(Found(best.rank.zzzz, at.zzzz), Found(best.rank.wwww, at.wwww)));
  let head = low + lane;
  let tail = 4u * end + lane;
  if (head < min(4u * inner, high)) { all = found_either(all, Found(worth(vec4f(f32(x[head >> 2u][head & 3u]))), vec4u(head - row))); }
  if (tail < high) { all = found_either(all, Found(worth(vec4f(f32(x[tail >> 2u][tail & 3u]))), vec4u(tail - row))); }
  return all;
}
