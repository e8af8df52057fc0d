// Include, no kernel: what a reduction does. Constant TERM, what it takes of each value: 0 the value, 1 its square, 2 the square of its distance from an origin,
// 3 exp(value − origin), 4 the value, or 1 for a zero, 5 whether it is zero. Constant FOLD, what it makes of these: 0 their sum, 1 their product, 2 the largest,
// 3 the smallest. Constant FINISH, what becomes of that: 0 it is multiplied with a factor, 1 the root of this, 2 the origin is added to its logarithm.
// Sums are made of the sums of runs: what rounding loses grows with the longest row of additions, not with the number of values.
// A largest or smallest value is NaN where one is among the values. It is taken of the values' bits in an order of whole numbers: a compiler may assume that there
// is no NaN, and a software adapter takes three times as long over the maximum of floats.
struct Fold {
  sum: vec4f, // or product
  key: vec4i, // of the largest value
  size: vec4u, // the largest magnitude, as bits: beyond an infinity's once there was a NaN
}

// Values of a run; of these as many at most make what one thread adds up.
const RUN = 32u;
const LEAST = -2139095041; // the key of −∞, and of ∞ where the smallest is looked for
const EXTREME = FOLD >= 2;

// What exponents are taken from: an infinite origin would leave NaN of equal infinities.
fn from_origin(origin: vec4f) -> vec4f {
  return select(origin, vec4f(0), (bitcast<vec4u>(origin) & vec4u(0x7f800000u)) == vec4u(0x7f800000u));
}
fn term(value: vec4f, origin: vec4f) -> vec4f {
  if (TERM == 1) { return value * value; }
  if (TERM == 2) { return (value - origin) * (value - origin); }
  if (TERM == 3) { return exp(value - from_origin(origin)); }
  if (TERM == 4) { return select(value, vec4f(1), value == vec4f(0)); }
  if (TERM == 5) { return select(vec4f(0), vec4f(1), value == vec4f(0)); }
  return value;
}

// The order of the keys is that of the values, or for the smallest the opposite.
fn key_of(bits: vec4i) -> vec4i {
  let key = bits ^ ((bits >> vec4u(31)) & vec4i(0x7fffffff));
  if (FOLD == 3) { return ~key; }
  return key;
}
fn bits_of(key: vec4i) -> vec4i {
  let own = select(key, ~key, FOLD == 3);
  return own ^ ((own >> vec4u(31)) & vec4i(0x7fffffff));
}

fn met(value: vec4f) -> Fold {
  if (EXTREME) { return Fold(vec4f(0), key_of(bitcast<vec4i>(value)), bitcast<vec4u>(value) & vec4u(0x7fffffffu)); }
  return Fold(value, vec4i(0), vec4u(0));
}
fn nothing() -> Fold { return Fold(vec4f(select(0.0, 1.0, FOLD == 1)), vec4i(LEAST), vec4u(0)); }
fn join(p: Fold, q: Fold) -> Fold {
  if (EXTREME) { return Fold(p.sum, max(p.key, q.key), max(p.size, q.size)); }
  if (FOLD == 1) { return Fold(p.sum * q.sum, p.key, p.size); }
  return Fold(p.sum + q.sum, p.key, p.size);
}
fn result_of(all: Fold) -> vec4f {
  if (!EXTREME) { return all.sum; }
  return bitcast<vec4f>(select(bits_of(all.key), bitcast<vec4i>(all.size), all.size > vec4u(0x7f800000u)));
}
// Two partial results.
fn merge(p: f32, q: f32) -> f32 { return result_of(join(met(vec4f(p)), met(vec4f(q)))).x; }
// The four of `all`, and one of `edge`, whose four are the same.
fn joined(all: Fold, edge: Fold) -> f32 {
  if (EXTREME) {
    let four = join(all, edge);
    let key = max(max(four.key.x, four.key.y), max(four.key.z, four.key.w));
    let size = max(max(four.size.x, four.size.y), max(four.size.z, four.size.w));
    return result_of(Fold(vec4f(0), vec4i(key), vec4u(size))).x;
  }
  if (FOLD == 1) { return ((all.sum.x * all.sum.y) * (all.sum.z * all.sum.w)) * edge.sum.x; }
  return ((all.sum.x + all.sum.y) + (all.sum.z + all.sum.w)) + edge.sum.x;
}

fn finished(all: vec4f, origin: vec4f, factor: f32) -> vec4f {
  if (FINISH == 1) { return sqrt(factor * all); }
  if (FINISH == 2) { return from_origin(origin) + log(all); }
  return factor * all;
}
