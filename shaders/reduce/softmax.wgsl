// Include, no kernel: what softmax makes of a value, and of a gradient. Constant LOG: the logarithm of it.
// Sums are those of runs: the error grows with the longest row of additions. NaN and ∞ among the values need no care: they are in the sum of powers, and through it in every result.
const LOWEST = -0x1.fffffep+127f;

fn higher(highest: vec4f, value: vec4f) -> vec4f { return select(highest, value, value > highest); }
// What a row's results have in common.
fn share_of(total: f32) -> f32 {
  if (LOG) { return log(total); }
  return 1.0 / total;
}
fn softmax_of(value: vec4f, highest: vec4f, share: vec4f) -> vec4f {
  if (LOG) { return (value - highest) - share; }
  return exp(value - highest) * share;
}
// Of a result and its gradient, what is added up along the axis, and the gradient that the sum leaves.
fn weighed(y: vec4f, dy: vec4f) -> vec4f {
  if (LOG) { return dy; }
  return y * dy;
}
fn gradient_of(y: vec4f, dy: vec4f, total: vec4f) -> vec4f {
  if (LOG) { return dy - exp(y) * total; }
  return y * (dy - total);
}
