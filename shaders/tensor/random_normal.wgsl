// Include, no kernel: normal numbers by Box and Muller's method: normalArray() of src/tensor/random.ts, to some ulp. WGSL allows its own logarithm and cosine errors of
// 2⁻²¹ and 2⁻¹¹, so both are series here.

// log v for v in (0, 1]: its exponent, and a series of the rest, from √½ to √2.
fn log_of(v: vec2f) -> vec2f {
  let bits = bitcast<vec2u>(v) - vec2u(0x3f3504f3u);
  let exponent = vec2f(bitcast<vec2i>(bits) >> vec2u(23u));
  let rest = bitcast<vec2f>((bits & vec2u(0x7fffffu)) + vec2u(0x3f3504f3u)) - 1.0;
  let s = rest / (2.0 + rest);
  let q = s * s;
  return exponent * 0.693147181 + 2.0 * s * (1.0 + q * (0.333333333 + q * (0.2 + q * (0.142857143 + q * 0.111111111))));
}

// Cosine and sine of a whole turn times `part`, from 0 to 1: of less than an eighth, and turned by quarters.
fn turned(part: f32) -> vec2f {
  let quarter = floor(4.0 * part + 0.5);
  let angle = 6.28318531 * (part - 0.25 * quarter);
  let q = angle * angle;
  let c = 1.0 - q * (0.5 - q * (0.0416666667 - q * (0.00138888889 - q * 0.0000248015873)));
  let s = angle * (1.0 - q * (0.166666667 - q * (0.00833333333 - q * (0.000198412698 - q * 0.00000275573192))));
  switch u32(quarter) & 3u {
    case 0u: { return vec2f(c, s); }
    case 1u: { return vec2f(-s, c); }
    case 2u: { return vec2f(-c, -s); }
    default: { return vec2f(s, -c); }
  }
}

// Four normal numbers of four uniform ones.
fn random_normal(u: vec4f) -> vec4f {
  let radius = sqrt(-2.0 * log_of(1.0 - u.xz));
  return vec4f(radius.x * turned(u.y), radius.y * turned(u.w));
}
