// Columns by fours, where B is a multiple of four: see reduce/strip. Types: X and Y, how four of x and y are stored.
// variant: {"constants": {"WIDE": 4, "SIDE": 8, "FOLD": 0, "TERM": 0, "FINISH": 0}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 1, "FINISH": 1}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 4, "SIDE": 8, "FOLD": 0, "TERM": 2, "FINISH": 0}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 3, "FINISH": 2}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 4, "SIDE": 8, "FOLD": 0, "TERM": 5, "FINISH": 0}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 1, "TERM": 4, "FINISH": 0}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 4, "SIDE": 8, "FOLD": 3, "TERM": 0, "FINISH": 0}, "types": {"X": "vec4f", "Y": "vec4f"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 2, "TERM": 0, "FINISH": 0}, "types": {"X": "vec4h", "Y": "vec4h"}}
// include reduce/operand
@group(0) @binding(1) var<storage, read> origin: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<Y>;

fn origin_of(i: u32) -> vec4f { return origin[i]; }
fn put(i: u32, result: vec4f) { y[i] = Y(result); }

// include reduce/strip
