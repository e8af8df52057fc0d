// One column a thread, any sides: see reduce/strip.
// variant: {"constants": {"OP": 1}}
// variant: {"constants": {"OP": 0}}
// variant: {"constants": {"OP": 2}}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn value(i: u32) -> vec4f { return vec4f(x[i]); }
fn put(i: u32, result: vec4f) { y[i] = result.x; }

// include reduce/strip
