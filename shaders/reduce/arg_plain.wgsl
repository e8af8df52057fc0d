// Columns one by one, any sides: see reduce/arg_strip. Type: X, how x is stored.
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "SMALLEST": false}, "types": {"X": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "SMALLEST": true}, "types": {"X": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> found: array<u32>;

fn value(i: u32) -> vec4f { return vec4f(f32(x[i])); }
fn put(i: u32, rows: vec4u) { found[i] = rows.x; }

// include reduce/arg_strip
