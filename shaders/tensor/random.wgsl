// Include, no kernel: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a counter-based generator.
// src/tensor/random.ts makes the same bits on the CPU. Number i of a stream is word i & 3 of block i >> 2.

// High and low word of a·b.
fn random_wide(a: u32, b: u32) -> vec2u {
  let low = vec2u(a & 0xffffu, a >> 16u);
  let high = vec2u(b & 0xffffu, b >> 16u);
  let p01 = low.x * high.y;
  let p10 = low.y * high.x;
  let carry = ((low.x * high.x) >> 16u) + (p01 & 0xffffu) + (p10 & 0xffffu);
  return vec2u(low.y * high.y + (p01 >> 16u) + (p10 >> 16u) + (carry >> 16u), a * b);
}

// Four independent words. `counter` is what changes from step to step, `block` numbers the draws inside a step.
fn random_u32(seed: u32, stream: u32, counter: u32, block: u32) -> vec4u {
  var c = vec4u(block, counter, 0u, 0u);
  var key = vec2u(seed, stream);
  for (var i = 0u; i < 10u; i++) {
    let p = random_wide(0xd2511f53u, c.x);
    let q = random_wide(0xcd9e8d57u, c.z);
    c = vec4u(q.x ^ c.y ^ key.x, q.y, p.x ^ c.w ^ key.y, p.y);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// Words as f32 in [0, 1): the upper 24 bits, so that the conversion is exact.
fn random_unit(words: vec4u) -> vec4f { return vec4f(words >> vec4u(8u)) * 0x1p-24f; }
