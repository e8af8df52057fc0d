// Columns by fours, where B is a multiple of four: see reduce/arg_strip. Type: X, how four of x are stored.
// variant: {"constants": {"WIDE": 4, "SIDE": 8, "SMALLEST": false}, "types": {"X": "vec4f"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "SMALLEST": true}, "types": {"X": "vec4h"}}
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read_write> found: array<vec4u>;

fn value(i: u32) -> vec4f { return vec4f(x[i]); }
fn put(i: u32, rows: vec4u) { found[i] = rows; }

// include reduce/arg_strip
