// Include, no kernel: what expressions of pointwise kernels call beside WGSL's own functions, on four f32 at a time. Types: F is vec4f, B is vec4u.
// include elementwise/floor

fn is_nan(v: F) -> vec4<bool> { return (bitcast<B>(v) & B(0x7fffffffu)) > B(0x7f800000u); }

// 1 where `yes`, else 0.
fn one_where(yes: vec4<bool>) -> F { return select(F(0), F(1), yes); }
