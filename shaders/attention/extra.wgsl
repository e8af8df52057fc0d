// Include, no kernel: what a mask or a bias does to scores, which are in binary logarithms. A score at or below LOWEST takes no part.
// Constants: EXTRA: is there any? Types: Extra (f32, f16, or u32 for a mask). To be defined: `extra`, LOWEST.

// `kind`: 0 nothing, 1 a bias that is added, 2 a mask, whose zeros take no part. `strides`: elements to the next batch, head, row and key; 0 where all share.
fn scored(score: vec4f, kind: u32, strides: vec4u, batch: u32, head: u32, row: u32, key: vec4u, keys: u32) -> vec4f {
  if (!EXTRA || kind == 0u) { return score; }
  let at = vec4u(batch * strides.x + head * strides.y + row * strides.z) + min(key, vec4u(keys - 1u)) * strides.w;
  let given = vec4f(f32(extra[at.x]), f32(extra[at.y]), f32(extra[at.z]), f32(extra[at.w]));
  if (kind == 1u) { return score + given * 1.4426950408889634; }
  return select(score, vec4f(LOWEST), given == vec4f(0));
}

fn powers_of(score: vec4f, high: f32) -> vec4f { return select(exp2(score - high), vec4f(0), score <= vec4f(LOWEST)); }
