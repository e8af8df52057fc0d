// Include, no kernel: what a broadcast computes. Constant OP: 0 a weighted sum, 1 a product, 2 the weighted first operand alone.
fn combine(a: vec4f, b: vec4f, weights: vec2f) -> vec4f {
  if (OP == 1) { return a * b; }
  if (OP == 2) { return weights.x * a; }
  return weights.x * a + weights.y * b;
}
