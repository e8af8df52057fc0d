// Include, no kernel: what one class adds to the focal loss of its row (Lin et al. 2017, over softmax probabilities), as the logarithm of its probability
// decides it. f(p) = −(1 − p)^gamma · log p.

// (1 − p)^gamma and (1 − p)^(gamma − 1) must stay finite at p = 1, where log p = 0 makes the term nothing; f32 cannot tell p from 1 any nearer than this.
const LEAST_REST = 0x1p-24;

fn focal(log_p: f32, gamma: f32) -> f32 {
  return -pow(max(1.0 - exp(log_p), LEAST_REST), gamma) * log_p;
}

// p · f'(p)
fn focal_slope(log_p: f32, gamma: f32) -> f32 {
  let p = exp(log_p);
  let rest = max(1.0 - p, LEAST_REST);
  let bent = select(gamma * p * log_p, 0.0, p == 0.0); // p · log p ends at 0, not at 0 · −∞
  return pow(rest, gamma - 1.0) * (bent - rest);
}
