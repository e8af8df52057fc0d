// Include, no kernel: what becomes of a finished sum on its way out, y = max(0, sum·scale[channel] + shift[channel] + residual), each part only where its
// constant says so; a slice that is not asked for may be any. Bindings 0 to 2.
// Constants: SCALE, SHIFT, RESIDUAL, RELU. Types: Sum (f32 or vec4f), StoreH (the same in f32 or f16) and Store, StoreH as it lies in
// memory (four halves as a vec2u, which software adapters load faster), and those of elementwise/floor for Sum.
@group(0) @binding(0) var<storage, read> scale: array<Sum>;
@group(0) @binding(1) var<storage, read> shift: array<Sum>;
@group(0) @binding(2) var<storage, read> residual: array<Store>;

// include elementwise/floor

fn finish(sum: Sum, channel: u32, at: u32) -> Store {
  var v = sum;
  if (SCALE) { v *= scale[channel]; }
  if (SHIFT) { v += shift[channel]; }
  if (RESIDUAL) { v += Sum(bitcast<StoreH>(residual[at])); }
  if (RELU) { v = at_least(v, F()); }
  return bitcast<Store>(StoreH(v));
}
