// Columns one by one, any sides: see reduce/strip. Types: X and Y, how x and y are stored.
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 0, "FINISH": 0}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 1, "FINISH": 1}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 2, "FINISH": 0}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 3, "FINISH": 2}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 0, "TERM": 5, "FINISH": 0}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 1, "TERM": 4, "FINISH": 0}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 3, "TERM": 0, "FINISH": 0}, "types": {"X": "f32", "Y": "f32"}}
// variant: {"constants": {"WIDE": 1, "SIDE": 1, "FOLD": 2, "TERM": 0, "FINISH": 0}, "types": {"X": "f16", "Y": "f16"}}
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read> origin: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Y>;

fn value(i: u32) -> vec4f { return vec4f(f32(x[i])); }
fn origin_of(i: u32) -> vec4f { return vec4f(origin[i]); }
fn put(i: u32, result: vec4f) { y[i] = Y(result.x); }

// include reduce/strip
