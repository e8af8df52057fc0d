// Include, no kernel: values read and written four at a time. Types: X and Y, how four of what is read and written are stored.
fn loaded(x: X) -> vec4f { return vec4f(x); }
fn stored(value: vec4f) -> Y { return Y(value); }
fn sum_of(values: vec4f) -> f32 { return (values.x + values.y) + (values.z + values.w); }
fn max_of(values: vec4f) -> f32 { return max(max(values.x, values.y), max(values.z, values.w)); }
