// Include, no kernel: what a reduction does. Constant OP: 0 sum, 1 sum of squares, 2 maximum.
// The first value is taken again for a maximum and dropped from a sum, so that no neutral element is needed for either.
fn begin4(first: vec4f) -> vec4f { if (OP == 2) { return first; } return vec4f(0); }
fn join4(sofar: vec4f, value: vec4f) -> vec4f {
  if (OP == 2) { return max(sofar, value); }
  if (OP == 1) { return sofar + value * value; }
  return sofar + value;
}
// Two partial results.
fn merge(p: f32, q: f32) -> f32 { if (OP == 2) { return max(p, q); } return p + q; }
