// Include, no kernel: the operands of a broadcast, and what is made of them. Constant OP: 0 a weighted sum, 1 a product, 2 the weighted first operand alone.
// Types: A, B and Y, how a, b and y are stored, one element at a time or four.
// include tensor/grid_stride
@group(0) @binding(0) var<storage, read> a: array<A>;
@group(0) @binding(1) var<storage, read> b: array<B>;
@group(0) @binding(2) var<storage, read_write> y: array<Y>;
struct Params {
  // Sides of y; elements between neighbors along each side, 0 where an operand is repeated; see tensor/grid_stride. The last side counts Ys.
  sides: vec4u,
  a_strides: vec4u,
  b_strides: vec4u,
  jump: vec4u,
  weights: vec2f,
  count: u32, // Ys
  // Of broadcast's entry periodic: b repeats after `period` elements; a thread takes every `step`-th vec4, where 4·step is a multiple of the period.
  period: u32,
  step: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

fn combine(a: vec4f, b: vec4f, weights: vec2f) -> vec4f {
  if (OP == 1) { return a * b; }
  if (OP == 2) { return weights.x * a; }
  return weights.x * a + weights.y * b;
}
