// Include, no kernel: sin and cos within a few units in the last place for any argument; WGSL bounds the error of its own between −π and π only, absolutely. Names of
// WGSL's functions are taken over. Types: see elementwise/math.

// 1/2π in binary, after a word of zeros.
const TURN = array<u32, 8>(0u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);

// The 64 bits of a product, the lower ones first.
fn long_product(a: u32, b: u32) -> vec2u {
  let low = vec2u(a & 0xffffu, b & 0xffffu);
  let high = vec2u(a >> 16u, b >> 16u);
  let inner = high.x * low.y + ((low.x * low.y) >> 16u);
  let outer = low.x * high.y + (inner & 0xffffu);
  return vec2u(a * b, high.x * high.y + (inner >> 16u) + (outer >> 16u));
}

// v as quarter turns and the rest, from −π/4 to π/4.
struct Angle { quarters: B, rest: F }

// Of a large number, by the bits of its product with 1/2π that lie behind the point (Payne and Hanek 1983).
fn far_angle(v: f32) -> vec2u {
  let bits = bitcast<u32>(v);
  let exponent = ((bits >> 23u) & 255u) - 126u;
  let m = (bits << 8u) | 0x80000000u;
  var words = TURN;
  let at = exponent >> 5u;
  let by = exponent & 31u;
  let next = vec3u(words[at + 1u], words[at + 2u], words[at + 3u]);
  let shifted = (vec3u(words[at], next.xy) << vec3u(by)) | ((next >> vec3u(1u)) >> vec3u(31u - by));
  let middle = long_product(m, shifted.y);
  let low = middle.x + long_product(m, shifted.z).y;
  let high = m * shifted.x + middle.y + select(0u, 1u, low < middle.x);
  let behind = f32(bitcast<i32>((high << 2u) | (low >> 30u))) * 0x1p-32f + f32(low << 2u) * 0x1p-64f;
  let quarters = (high + 0x20000000u) >> 30u;
  let negative = bits > 0x7fffffffu;
  let rest = 1.57079633 * behind;
  return vec2u(select(quarters, 0u - quarters, negative), bitcast<u32>(select(rest, -rest, negative)));
}

fn angle(v: F) -> Angle {
  let k = round(v * 0.636619772);
  let quarters = vec4i(k);
  // π/2 in three parts; with k of twelve bits the first two products are exact. Each has a factor of its own, see exponential.
  let near = fma(F(-quarters), F(7.54978995e-8), fma(F(quarters), F(-4.837512969970703e-4), fma(k, F(-1.5703125), v)));
  var found = Angle(bitcast<B>(quarters), near);
  let far = (bitcast<B>(v) & B(0x7fffffffu)) > B(0x45000000u); // 2048
  // A bound that compilers do not know keeps them from writing this out four times.
  let lanes = select(0u, 4u, any(far));
  for (var i = 0u; i < lanes; i++) {
    if (far[i]) {
      let exact = far_angle(v[i]);
      found.quarters[i] = exact.x;
      found.rest[i] = bitcast<f32>(exact.y);
    }
  }
  return found;
}

// The sine of a number of quarter turns and a rest.
fn wave(quarters: B, r: F) -> F {
  let z = r * r;
  let sine = fma(r * z, fma(z, fma(z, F(-0.000195140768), F(0.00833215499)), F(-0.166666546)), r);
  let cosine = fma(z * z, fma(z, fma(z, F(2.4434837e-5), F(-0.0013887337)), F(0.0416666463)), 1.0 - 0.5 * z);
  let part = select(sine, cosine, (quarters & B(1u)) == B(1u));
  return select(part, -part, (quarters & B(2u)) == B(2u));
}
fn wave_ends(v: F, y: F) -> F { return bitcast<F>(select(bitcast<B>(v) | B(0x7fc00000u), bitcast<B>(y), is_finite(v))); }
fn sin(v: F) -> F {
  let found = angle(v);
  return wave_ends(v, wave(found.quarters, found.rest));
}
fn cos(v: F) -> F {
  let found = angle(v);
  return wave_ends(v, wave(found.quarters + B(1u), found.rest));
}
