// Include, no kernel: values at least `low`, as a ReLU at 0, where NaN stays NaN. NaN is looked for in the bits: a compiler may take a comparison and a choice for a
// maximum, which drops it; on an NVIDIA H200 it was lost so. Types: F (f32 or a vector of them) and B (as many u32).
fn at_least(v: F, low: F) -> F {
  return select(v, low, (v < low) & ((bitcast<B>(v) & B(0x7fffffffu)) <= B(0x7f800000u)));
}
