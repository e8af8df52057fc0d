// Include: what a reduction reads, four values at a time. A captured program may put another file in its place, which computes them (src/gpu/pointwise/operand.ts).
// Type: X, how four are stored.
@group(0) @binding(0) var<storage, read> x: array<X>;

fn value(i: u32) -> vec4f { return vec4f(x[i]); }
// One of them, as four alike.
fn value_at(i: u32) -> vec4f { return vec4f(f32(x[i >> 2u][i & 3u])); }
