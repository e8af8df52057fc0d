// Include, no kernel: what expressions of pointwise kernels call beside WGSL's own functions, on four f32 at a time. Types: F is vec4f, B is vec4u.
// Where NaN, infinities, zeros or denormals decide, bits are looked at: what WGSL promises of comparisons, min, max and sign leaves them to the adapter, and adapters differ.
// include elementwise/floor
// include elementwise/exponential
// include elementwise/waves
// include elementwise/normal

fn is_nan(v: F) -> vec4<bool> { return (bitcast<B>(v) & B(0x7fffffffu)) > B(0x7f800000u); }
fn is_finite(v: F) -> vec4<bool> { return (bitcast<B>(v) & B(0x7fffffffu)) < B(0x7f800000u); }
fn is_zero(v: F) -> vec4<bool> { return (bitcast<B>(v) & B(0x7fffffffu)) == B(0u); }
fn is_negative(v: F) -> vec4<bool> { return bitcast<B>(v) > B(0x80000000u); }

// 1 where `yes`, else 0.
fn one_where(yes: vec4<bool>) -> F { return select(F(0), F(1), yes); }

// Numbers in their order as whole numbers, both zeros as 0.
fn order(v: F) -> vec4i {
  let bits = bitcast<vec4i>(v);
  return select(bits, -(bits & vec4i(0x7fffffff)), bits < vec4i(0));
}
fn is_less(a: F, b: F) -> vec4<bool> { return (order(a) < order(b)) & !(is_nan(a) | is_nan(b)); }
fn is_equal(a: F, b: F) -> vec4<bool> { return (order(a) == order(b)) & !(is_nan(a) | is_nan(b)); }

// The larger and the smaller of two, NaN where one of them is.
fn larger(a: F, b: F) -> F { return select(a, b, !is_nan(a) & (is_nan(b) | (order(a) < order(b)))); }
fn smaller(a: F, b: F) -> F { return select(a, b, !is_nan(a) & (is_nan(b) | (order(b) < order(a)))); }
fn between(v: F, low: F, high: F) -> F { return smaller(larger(v, low), high); }

// The magnitude of one with the sign of the other.
fn signed(v: F, like: F) -> F { return bitcast<F>((bitcast<B>(v) & B(0x7fffffffu)) | (bitcast<B>(like) & B(0x80000000u))); }
// −1, 0 or 1, NaN of NaN.
fn sign_of(v: F) -> F { return select(signed(F(1), v), v, is_zero(v) | is_nan(v)); }

fn round_down(v: F) -> F { return select(floor(v), F(-1), is_negative(v) & (bitcast<B>(v) < B(0x80800000u))); }

// 2^100 v, exact also where v is a denormal, which adapters may take for zero.
fn raised(v: F) -> F {
  let bits = bitcast<B>(v);
  return select(v * 0x1p100f, signed(F(bits & B(0x007fffffu)) * 0x1p-49f, v), (bits & B(0x7f800000u)) == B(0u));
}

// a / b also where b, or its reciprocal, is a denormal.
fn quotient(a: F, b: F) -> F {
  let size = bitcast<B>(b) & B(0x7fffffffu);
  let small = size - B(1u) < B(0x0d7fffffu);
  let large = size > B(0x7e000000u);
  if (!any(small | large)) { return a / b; }
  return select(select(a, 0.25 * a, large) / select(b, 0.25 * b, large), raised(a) / raised(b), small);
}

// 1 / √v.
fn inverse_root(v: F) -> F {
  let small = bitcast<B>(v) - B(1u) < B(0x0d7fffffu);
  return select(F(1), F(0x1p50f), small) / sqrt(select(v, raised(v), small));
}

// The bits of the whole number that is left of v without its fraction: 0 below 0 and of NaN, the largest of u32 above that.
fn whole_of(v: F) -> F {
  let held = B(select(F(0), v, (v >= F(1)) & (v < F(4294967296.0))));
  return bitcast<F>(select(held, B(0xffffffffu), (v >= F(4294967296.0)) & !is_nan(v)));
}
