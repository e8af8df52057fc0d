// Include, no kernel: the shape of an attention, for all of its kernels.
struct Params {
  // Elements from one row, head and batch to the next.
  q: vec3u, rows: u32,
  k: vec3u, keys: u32,
  v: vec3u, heads: u32,
  y: vec3u, group: u32, // y has the layout of its gradient; heads that share a head of k and v
  extra: vec4u, // of attention/extra
  depth: u32, depthV: u32,
  causal: u32,
  kind: u32, // of attention/extra
  scale: f32,
  side: u32, // rows, and backward keys, that a workgroup has scores of at once
  share: u32, // rows that a workgroup takes in one go
  filled: u32, // TILE, where the compiler cannot see it: it unrolls loops of up to 32 known trips, which costs seconds
  one: u32, // 1, which the compiler must not know
  planes: u32, // batch·heads
  dk: u32, dv: u32, // where these lie in the output of attention/stationary_backward
  k0: u32, v0: u32, // where k and v begin in what they are bound as, and their gradients: behind q, where the three are one tensor
}
