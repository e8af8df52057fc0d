// Include, no kernel: the order of values as whole numbers, since a compiler may assume that no value is NaN. NaN comes after ∞, all NaN are one, and so are −0 and 0.
// Every rank lies between −NO_RANK and NO_RANK, both excluded.
const NAN_RANK = 0x7fffffff;
const NO_RANK = -0x7fffffff - 1;

fn rank_of(value: f32) -> i32 { return ranks_of(vec4f(value)).x; }
fn ranks_of(values: vec4f) -> vec4i {
  let bits = bitcast<vec4i>(values);
  let size = bits & vec4i(0x7fffffff);
  let signs = bits >> vec4u(31);
  return select((size ^ signs) - signs, vec4i(NAN_RANK), size > vec4i(0x7f800000));
}
