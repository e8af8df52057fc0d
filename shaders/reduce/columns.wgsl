// Four columns a thread, where B is a multiple of four: see reduce/strip.
// variant: {"constants": {"OP": 0}}
// variant: {"constants": {"OP": 2}}
// variant: {"constants": {"OP": 1}}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

fn value(i: u32) -> vec4f { return x[i]; }
fn put(i: u32, result: vec4f) { y[i] = result; }

// include reduce/strip
