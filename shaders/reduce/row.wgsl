// Include: the bindings of a reduction over rows, y [A, S] ← x [A, R], and one lane's share of a piece of a row.
// Rows need not start at a multiple of four: whole vec4s in the middle, single elements at the edges. Constants: LANES (4 or more), and those of reduce/op.
// Types: X, how four of x are stored, and Y, how one of y is.
// include reduce/op
// include reduce/operand
@group(0) @binding(1) var<storage, read> origin: array<f32>; // [A], where reduce/op asks for one
@group(0) @binding(2) var<storage, read_write> y: array<Y>;
struct Params {
  row: u32, // R
  each: u32, // results of a workgroup, where it takes several
  pieces: u32, // S
  piece: u32, // elements of each, the last may be shorter
  count: u32, // A·S
  factor: f32, // for the result
// include gpu/words
}
@group(0) @binding(3) var<uniform> params: Params;

fn share(group: u32, lane: u32) -> f32 {
  let outer = group / params.pieces;
  let start = (group - outer * params.pieces) * params.piece;
  let low = outer * params.row + start;
  let high = low + min(params.piece, params.row - start);
  let inner = (low + 3u) >> 2u;
  let end = max(inner, high >> 2u);
  let step = u32(LANES);
  let base = vec4f(origin[outer]);
  let head = low + lane;
  let tail = 4u * end + lane;
  if (EXTREME) {
    var found = extreme_of(nothing());
    for (var v = inner + lane; v < end; v += step) { found = further(found, extreme_of(met(term(value(v), base)))); }
    if (head < min(4u * inner, high)) { found = further(found, extreme_of(met(term(value_at(head), base)))); }
    if (tail < high) { found = further(found, extreme_of(met(term(value_at(tail), base)))); }
    return value_of(found);
  }
  var all = nothing();
  for (var v = inner + lane; v < end;) {
    var run = nothing();
    for (let stop = min(end, v + RUN * step); v < stop; v += step) { run = join(run, met(term(value(v), base))); }
    all = join(all, run);
  }
  var edges = nothing();
  if (head < min(4u * inner, high)) { edges = met(term(value_at(head), base)); }
  if (tail < high) { edges = join(edges, met(term(value_at(tail), base))); }
  return joined(all, edges);
}

fn finish(group: u32, sofar: f32) {
  y[group] = Y(finished(vec4f(sofar), vec4f(origin[group / params.pieces]), params.factor).x);
}
