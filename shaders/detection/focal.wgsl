// Include, no kernel: the focal loss over sigmoids (Lin et al. 2017) by z, a logit on the side of the wrong answer: q^gamma · −log(1 − q), q = σ(z). −∞ costs nothing.
// Types: F is vec4f, B is vec4u, as in elementwise/math.
// include elementwise/math
// Stands for infinities where these would be multiplied by 0.
const ENDLESS = F(1e30);

// −log(1 − q) and −log q.
struct Missed { wrong: F, right: F }
fn missed(z: F) -> Missed {
  let rest = log1p(exp(-abs(z)));
  return Missed(at_least(z, F(0)) + rest, at_least(-z, F(0)) + rest);
}

fn power(m: Missed, gamma: f32) -> F { return exp(gamma * at_least(-m.right, -ENDLESS)); }

fn focal(z: F, gamma: f32) -> F {
  let m = missed(z);
  return power(m, gamma) * m.wrong;
}

fn focal_slope(z: F, gamma: f32) -> F {
  let m = missed(z);
  let bounded = -at_least(-m.wrong, -ENDLESS);
  return power(m, gamma) * (gamma * exp(-m.wrong) * bounded + exp(-m.right));
}
