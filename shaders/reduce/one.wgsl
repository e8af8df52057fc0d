// Include, no kernel: values read and written one at a time, as vectors of four alike, of which a compiler keeps one. Types: X and Y, how what is read and written is
// stored.
fn loaded(x: X) -> vec4f { return vec4f(f32(x)); }
fn stored(value: vec4f) -> Y { return Y(value.x); }
fn sum_of(values: vec4f) -> f32 { return values.x; }
fn max_of(values: vec4f) -> f32 { return values.x; }
