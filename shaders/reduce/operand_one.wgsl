// Include: what a softmax reads, one value at a time, as four alike; see reduce/operand. Type: X, how one is stored.
@group(0) @binding(0) var<storage, read> x: array<X>;

fn value(i: u32) -> vec4f { return vec4f(f32(x[i])); }
