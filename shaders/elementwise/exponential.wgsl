// Include, no kernel: exp, log and what is made of them, within a few units in the last place wherever f32 has the result; WGSL allows its own an error that grows with the
// argument (exp, pow) or is absolute (log near 1, tanh near 0). NaN stays NaN. Denormal results may be 0. Names of WGSL's functions are taken over. Types: see elementwise/math.

// exp(v + low) as (1 + part) 2^power. `low` is small.
struct Reduced { part: F, power: vec4i }
fn reduced(v: F, low: F) -> Reduced {
  // The nearest whole number stands in the last bits of a sum with 1.5 · 2^23. To round and to convert takes a compiler a dozen instructions more: WGSL clamps what it converts.
  let power = bitcast<vec4i>(fma(v, F(1.44269504), F(12582912.0))) - vec4i(0x4b400000);
  let k = F(power);
  // ln 2 in two parts, of which the first has 10 bits. Compilers make one product of two with one factor (Mesa does), so each part has a factor of its own.
  let r = fma(F(power), F(2.12194440e-4), fma(k, F(-0.693359375), v)) + low;
  let part = fma(r * r, fma(r, fma(r, fma(r, fma(r, fma(r, F(1.98462843e-4), F(1.39416935e-3)), F(8.33339111e-3)), F(4.1666348e-2)), F(0.166666664)), F(0.5)), r);
  return Reduced(part, power);
}

// What exp(v + low) is made of: (1 + part) · first · second, powers of two whose product may not be a number of f32.
struct Exponential { part: F, first: F, second: F, unit: F }
fn exponential(v: F, low: F) -> Exponential {
  let core = reduced(clamp(v, F(-104), F(89)), low);
  let power = core.power;
  let half = power >> vec4u(1u);
  let bias = vec4i(127);
  let shift = vec4u(23u);
  return Exponential(core.part, bitcast<F>((half + bias) << shift), bitcast<F>((power - half + bias) << shift), bitcast<F>((bias + half - power) << shift));
}
fn exp_of_sum(v: F, low: F) -> F {
  let e = exponential(v, low);
  return select(fma(e.first, e.part, e.first) * e.second, v, is_nan(v));
}
fn exp(v: F) -> F { return exp_of_sum(v, F(0)); }
fn expm1(v: F) -> F {
  let e = exponential(v, F(0));
  return select(fma(e.first, e.part, e.first - e.unit) * e.second, v, is_nan(v));
}

// v as 2^k (1 + f), 1 + f from √½ to √2.
struct Split { k: F, f: F }
fn split(v: F) -> Split {
  let given = bitcast<B>(v);
  let tiny = given < B(0x00800000u);
  let bits = select(given, bitcast<B>(F(given)), tiny);
  let k = bitcast<vec4i>(bits - B(0x3f3504f3u)) >> vec4u(23u);
  let f = bitcast<F>(bits - bitcast<B>(k << vec4u(23u))) - 1.0;
  return Split(F(k - select(vec4i(0), vec4i(149), tiny)), f);
}
fn log_of_split(k: F, f: F) -> F {
  let s = f / (2.0 + f);
  let z = s * s;
  let square = 0.5 * f * f;
  let rest = z * fma(z, fma(z, fma(z, F(0.233322679), F(0.285507414)), F(0.400001227)), F(0.666666666));
  return fma(k, F(0.693359375), f - (square - fma(s, square + rest, k * -2.12194440e-4)));
}
// What the logarithm of v is where it is no number, else y.
fn log_ends(v: F, y: F) -> F {
  let bits = bitcast<B>(v);
  let odd = select(bits | B(0x7fc00000u), bits, bits == B(0x7f800000u));
  let seen = select(bitcast<B>(y), odd, bits >= B(0x7f800000u));
  return bitcast<F>(select(seen, B(0xff800000u), is_zero(v)));
}
fn log(v: F) -> F {
  let parts = split(v);
  return log_ends(v, log_of_split(parts.k, parts.f));
}
fn log1p(v: F) -> F {
  let whole = 1.0 + v;
  let parts = split(whole);
  return log_ends(whole, log_of_split(parts.k, select(parts.f, v, parts.k == F(0))));
}

// The first twelve bits of a number: products of two such are exact.
fn leading(v: F) -> F { return bitcast<F>(bitcast<B>(v) & B(0xfffff000u)); }

// What the power is at the ends, else y, that of the magnitude of a.
fn power_ends(a: F, b: F, y: F) -> F {
  let size = bitcast<B>(a) & B(0x7fffffffu);
  let one = B(0x3f800000u);
  let infinite = B(0x7f800000u);
  let endless = (bitcast<B>(b) & B(0x7fffffffu)) == infinite;
  let end = (size == B(0u)) | (size == infinite) | endless;
  let grows = (size > one) == (order(b) > vec4i(0));
  let whole = is_equal(round_down(b), b);
  let odd = whole & (abs(b) < F(0x1p24f)) & (floor(0.5 * b) * 2.0 != b);
  let negative = bitcast<B>(a) > B(0x7fffffffu);
  var bits = select(bitcast<B>(y), select(B(0u), infinite, grows), end);
  bits = select(bits, bits | B(0x80000000u), negative & odd);
  bits = select(bits, B(0x7fc00000u), is_nan(a) | is_nan(b) | (negative & !whole & !end));
  return bitcast<F>(select(bits, one, is_zero(b) | (bitcast<B>(a) == one) | ((size == one) & endless)));
}
// a to the power b, as C has it: 1 where b is 0 or a is 1, NaN where a is negative and b is not whole.
fn pow(a: F, b: F) -> F {
  let parts = split(abs(a));
  // The logarithm as high + low, high of twelve bits.
  let below = 2.0 + parts.f;
  let s = parts.f / below;
  let s_high = leading(s);
  let below_high = leading(below);
  let below_low = parts.f - (below_high - 2.0);
  let s_low = (parts.f - s_high * below_high) / below - s_high * (below_low / below);
  let z = s * s;
  let rest = z * fma(z, fma(z, fma(z, F(0.233322679), F(0.285507414)), F(0.400001227)), F(0.666666666));
  let tall = parts.k * 0.693359375;
  let high = leading(tall + 2.0 * s_high + s * rest);
  let low = tall - high + 2.0 * s_high + fma(s, rest, fma(parts.k, F(-2.12194440e-4), 2.0 * s_low));
  let b_high = leading(b);
  let product = b_high * high;
  return power_ends(a, b, exp_of_sum(product, select(F(0), fma(b - b_high, high, b * low), abs(product) < F(200))));
}

// By e = exp(2|v|) − 1 alone, as e / (e + 2): exact near 0, and near 1, where what e is off does not count. From 20 on that is 1.
fn tanh(v: F) -> F {
  let core = reduced(min(2.0 * abs(v), F(20)), F(0));
  let unit = bitcast<F>((core.power + vec4i(127)) << vec4u(23u));
  let e = fma(unit, core.part, unit - 1.0);
  return select(signed(e / (e + 2.0), v), v, is_nan(v));
}
fn sigmoid(v: F) -> F { return 1.0 / (1.0 + exp(-v)); }
// tanh(softplus(v)), and the slope of v times that, of e = exp(v) by e (e + 2); from 20 on it is 1.
fn tanh_of_softplus(v: F) -> F {
  let e = exp(min(v, F(20)));
  let twice = e * (e + 2.0);
  return twice / (twice + 2.0);
}
fn mish_slope(v: F) -> F {
  let held = clamp(v, F(-100), F(20));
  let e = exp(held);
  let twice = e * (e + 2.0);
  return fma(held * 4.0 * e / (twice + 2.0), (e + 1.0) / (twice + 2.0), twice / (twice + 2.0));
}
