// Include, no kernel: which elements of a side a value between them is made of, and how much of each. TAPS: 1 the nearest, 2 linear, 4 cubic (Keys 1981, with A = -0.75).
// As torch.nn.functional.interpolate finds them, of which the arithmetic is kept: what is beyond the side is its first or last element.
struct Side {
  n: u32, // elements of the side that is resized, and what they become
  m: u32,
  ratio: f32, // of the way between neighbors in the result to that between elements
  shift: f32, // where results lie: 0 the first on the first element, 0.5 the outer edges of all on each other; below 0 so many before the first element
}

struct Between { first: i32, t: f32 }

// In elements, the place of result p.
fn place_of(p: f32, side: Side) -> f32 {
  if (TAPS == 1u) { return side.ratio * p; }
  return side.ratio * (p + side.shift) - max(side.shift, 0.0);
}

// The first of its elements, which may lie outside, and how far beyond the one before it the value lies.
fn between(p: u32, side: Side) -> Between {
  var place = place_of(f32(p), side);
  if (TAPS == 2u) { place = max(place, 0.0); }
  let before = min(floor(place), f32(side.n - 1u));
  return Between(i32(before) - select(0, 1, TAPS == 4u), clamp(place - before, 0.0, 1.0));
}

fn element(b: Between, k: u32, side: Side) -> u32 { return u32(clamp(b.first + i32(k), 0, i32(side.n) - 1)); }

fn weights_of(t: f32) -> vec4f {
  if (TAPS == 1u) { return vec4f(1, 0, 0, 0); }
  if (TAPS == 2u) { return vec4f(1.0 - t, t, 0, 0); }
  const A = -0.75;
  let near = vec2f(t, 1.0 - t);
  let far = vec2f(t + 1.0, 2.0 - t);
  let inner = ((A + 2.0) * near - (A + 3.0)) * near * near + 1.0;
  let outer = ((A * far - 5.0 * A) * far + 8.0 * A) * far - 4.0 * A;
  return vec4f(outer.x, inner.x, inner.y, outer.y);
}
