// Include, no kernel: what a reduction does. Constant OP: 0 sum, 1 sum of squares, 2 maximum.
// Sums are made of the sums of runs: what rounding loses grows with the longest row of additions, not with the number of values.
// A maximum is NaN where one is among the values. It is taken of the values' bits in an order of whole numbers: a compiler may assume that there is no NaN, and
// a software adapter takes three times as long over the maximum of floats.
struct Fold {
  sum: vec4f,
  key: vec4i, // of the largest value
  size: vec4u, // the largest magnitude, as bits: beyond an infinity's once there was a NaN
}

// Values of a run; of these as many at most make what one thread adds up.
const RUN = 32u;
const LEAST = -2139095041; // the key of −∞

fn met(value: vec4f) -> Fold {
  if (OP == 2) {
    let bits = bitcast<vec4i>(value);
    return Fold(vec4f(0), bits ^ ((bits >> vec4u(31)) & vec4i(0x7fffffff)), bitcast<vec4u>(value) & vec4u(0x7fffffffu));
  }
  if (OP == 1) { return Fold(value * value, vec4i(0), vec4u(0)); }
  return Fold(value, vec4i(0), vec4u(0));
}
fn nothing() -> Fold { return Fold(vec4f(0), vec4i(LEAST), vec4u(0)); }
fn join(p: Fold, q: Fold) -> Fold {
  if (OP == 2) { return Fold(p.sum, max(p.key, q.key), max(p.size, q.size)); }
  return Fold(p.sum + q.sum, p.key, p.size);
}
fn result_of(all: Fold) -> vec4f {
  if (OP != 2) { return all.sum; }
  let bits = all.key ^ ((all.key >> vec4u(31)) & vec4i(0x7fffffff));
  return bitcast<vec4f>(select(bits, bitcast<vec4i>(all.size), all.size > vec4u(0x7f800000u)));
}
// Two partial results.
fn merge(p: f32, q: f32) -> f32 {
  if (OP == 2) { return result_of(join(met(vec4f(p)), met(vec4f(q)))).x; }
  return p + q;
}
// The four of `all`, and one of `edge`, whose four are the same.
fn joined(all: Fold, edge: Fold) -> f32 {
  if (OP == 2) {
    let four = join(all, edge);
    let key = max(max(four.key.x, four.key.y), max(four.key.z, four.key.w));
    let size = max(max(four.size.x, four.size.y), max(four.size.z, four.size.w));
    return result_of(Fold(vec4f(0), vec4i(key), vec4u(size))).x;
  }
  return ((all.sum.x + all.sum.y) + (all.sum.z + all.sum.w)) + edge.sum.x;
}
