// Include, no kernel: what a reduction does. Constant TERM, what it takes of each value: 0 the value, 1 its square, 2 the square of its distance from an origin,
// 3 exp(value − origin), 4 the value, or 1 for a zero, 5 whether it is zero. Constant FOLD, what it makes of these: 0 their sum, 1 their product, 2 the largest,
// 3 the smallest. Constant FINISH, what becomes of that: 0 it is multiplied with a factor, 1 the root of this, 2 the origin is added to its logarithm.
// Sums are made of the sums of runs: what rounding loses grows with the longest row of additions, not with the number of values.
// A largest or smallest value is NaN where one is among the values. It is found among the values' bits: a compiler may assume that there is no NaN, and a software
// adapter takes three times as long over the maximum of floats. In the order of signed whole numbers positive values stand as they are and above the negative ones,
// in that of unsigned ones those of one sign stand by their magnitudes, the negative ones above.
struct Fold {
  sum: vec4f, // or product
  high: vec4i, // the largest bits, signed
  low: vec4u, // the smallest, unsigned
  most: vec4u, // the largest, unsigned
}

// Values of a run; of these as many at most make what one thread adds up.
const RUN = 32u;
const INFINITE = 0x7f800000u; // NaN has larger bits
const BELOW = 0xff800000u; // −∞, and NaN with a sign has larger bits
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

fn of_bits(bits: vec4u) -> Fold { return Fold(vec4f(0), bitcast<vec4i>(bits), bits, bits); }
fn met(value: vec4f) -> Fold {
  if (EXTREME) { return of_bits(bitcast<vec4u>(value)); }
  return Fold(value, vec4i(0), vec4u(0), vec4u(0));
}
fn nothing() -> Fold {
  if (FOLD == 2) { return of_bits(vec4u(BELOW)); }
  if (FOLD == 3) { return of_bits(vec4u(INFINITE)); }
  return Fold(vec4f(select(0.0, 1.0, FOLD == 1)), vec4i(0), vec4u(0), vec4u(0));
}
fn join(p: Fold, q: Fold) -> Fold {
  if (EXTREME) { return Fold(p.sum, max(p.high, q.high), min(p.low, q.low), max(p.most, q.most)); }
  if (FOLD == 1) { return Fold(p.sum * q.sum, p.high, p.low, p.most); }
  return Fold(p.sum + q.sum, p.high, p.low, p.most);
}
fn result_of(all: Fold) -> vec4f {
  if (!EXTREME) { return all.sum; }
  let high = bitcast<vec4u>(all.high);
  if (FOLD == 2) { return bitcast<vec4f>(select(select(all.low, high, all.high >= vec4i(0)), all.most, all.most > vec4u(BELOW))); }
  return bitcast<vec4f>(select(select(all.low, all.most, all.most > vec4u(INFINITE)), high, all.high > vec4i(i32(INFINITE))));
}
// Two partial results.
fn merge(p: f32, q: f32) -> f32 { return result_of(join(met(vec4f(p)), met(vec4f(q)))).x; }
// The four of `all`, and one of `edge`, whose four are the same; of sums and products.
fn joined(all: Fold, edge: Fold) -> f32 {
  if (FOLD == 1) { return ((all.sum.x * all.sum.y) * (all.sum.z * all.sum.w)) * edge.sum.x; }
  return ((all.sum.x + all.sum.y) + (all.sum.z + all.sum.w)) + edge.sum.x;
}

// An extreme of values that stand beside each other: of four at once, so that a thread keeps three numbers and not twelve.
struct Extreme { high: i32, low: u32, most: u32 }
fn extreme_of(values: Fold) -> Extreme {
  return Extreme(
    max(max(values.high.x, values.high.y), max(values.high.z, values.high.w)),
    min(min(values.low.x, values.low.y), min(values.low.z, values.low.w)),
    max(max(values.most.x, values.most.y), max(values.most.z, values.most.w)),
  );
}
fn further(p: Extreme, q: Extreme) -> Extreme { return Extreme(max(p.high, q.high), min(p.low, q.low), max(p.most, q.most)); }
fn value_of(found: Extreme) -> f32 {
  return result_of(Fold(vec4f(0), vec4i(found.high), vec4u(found.low), vec4u(found.most))).x;
}

fn finished(all: vec4f, origin: vec4f, factor: f32) -> vec4f {
  if (FINISH == 1) { return sqrt(factor * all); }
  if (FINISH == 2) { return from_origin(origin) + log(all); }
  return factor * all;
}
