// Include, no kernel: pairs of a position and its eight neighbors two positions away, row by row: the first and the last are opposite, and so on. Neighbors are taken in two
// halves of four.
const DISTANCE = 2;

// What lies at neighbor j, from the position itself.
fn way(j: u32) -> vec2i {
  let cell = j + select(0u, 1u, j > 3u);
  return (vec2i(vec2u(cell % 3u, cell / 3u)) - 1) * DISTANCE;
}

fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

// log(1 + exp(−v)) of v from 0.
fn rest_of(v: vec4f) -> vec4f { return log(1.0 + exp(-v)); }

// −log P(both the same) of logits a and b, in the shape in which neither power is above 1: P = p(a)·p(b) + p(−a)·p(−b), which is the same for −a and −b.
fn unlike(a: f32, b: vec4f) -> vec4f {
  let both = a + b;
  let turned = select(vec4f(-1), vec4f(1), both >= vec4f());
  let missed = max(-a * turned, vec4f()) + max(-b * turned, vec4f());
  let loss = missed + rest_of(vec4f(abs(a))) + rest_of(abs(b)) - rest_of(abs(both));
  return select(loss, both, is_nan(both));
}

// Its slope in a.
fn unlike_slope(a: f32, b: vec4f) -> vec4f { return 1.0 / (1.0 + exp(a + b)) - 1.0 / (1.0 + exp(a)); }
