// Include, no kernel: what an update is told, and how it sees its gradients: unscaled, clipped by norm (both a factor in now.w, see shaders/optim/step_counter.wgsl)
// and, with CLIP, by value. With GROUPS the table has a factor on the rate and a weight decay for each run of `run` vec4s, in which one parameter lies.
// A kernel binds its own memory from 5 on, and the params behind it. Constants: HALF, GROUPS, CLIP. Type: H, how the copy in f16 is stored.
@group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> now: vec4f; // shaders/optim/step_counter.wgsl
@group(0) @binding(3) var<storage, read> table: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> copy: array<H>;
struct Params {
  vectors: u32,
  threads: u32,
  run: u32,
  decoupled: u32,
  own: vec4f, // of the optimizer
  decay: f32,
  limit: f32, // of a gradient's size, with CLIP
}

// The rate, and how much of the weights decays: into the gradient, and by themselves.
struct Terms { rate: f32, coupled: f32, decoupled: f32 }

fn terms_of(i: u32) -> Terms {
  var group = vec2f(1.0, params.decay);
  if (GROUPS) { group = table[i / params.run]; }
  let alone = params.decoupled == 1u;
  return Terms(now.x * group.x, select(group.y, 0.0, alone), select(0.0, group.y, alone));
}

// NaN stays NaN: it is larger than no limit, and its bits say so where a compiler takes none for given.
fn gradient_of(i: u32) -> vec4f {
  let g = now.w * gradients[i];
  if (!CLIP) { return g; }
  let size = bitcast<vec4u>(g) & vec4u(0x7fffffffu);
  let sign = bitcast<vec4u>(g) & vec4u(0x80000000u);
  let clipped = bitcast<vec4f>(vec4u(bitcast<u32>(params.limit)) | sign);
  return select(g, clipped, (size > vec4u(bitcast<u32>(params.limit))) & (size <= vec4u(0x7f800000u)));
}

// The new values, and with HALF their copy in f16.
fn put(i: u32, next: vec4f) {
  values[i] = next;
  if (HALF) { copy[i] = H(next); }
}
